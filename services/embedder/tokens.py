"""Texts to token ids: prefixes, special tokens, the model's limit, and chunks of long passages."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from tokenizers import Encoding, Tokenizer

from services.embedder.chunking import pack, sentence_starts
from services.embedder.errors import EmptyTextError, ModelFilesError
from services.embedder.models import ModelSpec

SMALLEST_BODY = 48
"""Tokens of its own that a chunk holds at least, however long the context in front of it."""


@dataclass(frozen=True)
class Passage:
    """A text to be found later.

    text: all of it.
    context: what each chunk is to carry in front when the text is too long for one, such as its title and
        tags:
        without it, only the chunk that happens to hold a tag would know of it. Unused for short texts, and
        cut off at half a chunk: a long one would cost more than the text.
    """

    text: str
    context: str = ""


@dataclass(frozen=True)
class TokenisedText:
    """Ids of one run, special tokens included, and how many of them are the text's own."""

    ids: list[int]
    own: int


@dataclass(frozen=True)
class TokenisedPassage:
    """The runs a passage takes; truncated if it has more text than they hold."""

    chunks: list[TokenisedText]
    truncated: bool


class Tokens:
    """The tokenizer of one model. Any number of threads may use it."""

    def __init__(self, tokenizer: Tokenizer, spec: ModelSpec) -> None:
        # Files are shipped with a short truncation and with padding of every text to it.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._spec = spec
        self._start, self._end = _special(tokenizer, "[CLS]"), _special(tokenizer, "[SEP]")
        self._query_prefix = self._encode(spec.query_prefix).ids
        self._passage_prefix = self._encode(spec.passage_prefix).ids

    @classmethod
    def load(cls, path: Path, spec: ModelSpec) -> Self:
        """Reads `tokenizer.json`. Raises ModelFilesError if it is not that of a BERT model."""
        return cls(Tokenizer.from_file(str(path)), spec)

    def query(self, text: str) -> TokenisedPassage:
        """The query as one run, cut off at the model's limit. Raises EmptyTextError."""
        ids = self._own(text).ids
        room = self._spec.token_limit - self._overhead(self._query_prefix)
        return TokenisedPassage([self._run(self._query_prefix, ids[:room])], truncated=len(ids) > room)

    def passage(self, passage: Passage, max_chunks: int) -> TokenisedPassage:
        """The passage as one run if it fits, else as up to `max_chunks` chunks. Raises EmptyTextError."""
        own = self._own(passage.text)
        overhead = self._overhead(self._passage_prefix)
        if len(own.ids) + overhead <= self._spec.chunk_tokens:
            return TokenisedPassage([self._run(self._passage_prefix, own.ids)], truncated=False)
        context = self._encode(passage.context).ids[: self._spec.chunk_tokens // 2]
        room = max(self._spec.chunk_tokens - overhead - len(context), SMALLEST_BODY)
        slices = list(pack(len(own.ids), room, _sentence_breaks(own, passage.text), _word_breaks(own)))
        front = [*self._passage_prefix, *context]
        chunks = [self._run(front, own.ids[part]) for part in slices[:max_chunks]]
        return TokenisedPassage(chunks, truncated=len(slices) > max_chunks)

    def _encode(self, text: str) -> Encoding:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def _own(self, text: str) -> Encoding:
        encoding = self._encode(text)
        if not encoding.ids:
            raise EmptyTextError("the text has nothing in it to embed")
        return encoding

    def _overhead(self, prefix: Sequence[int]) -> int:
        return len(prefix) + 2

    def _run(self, front: Sequence[int], own: Sequence[int]) -> TokenisedText:
        return TokenisedText([self._start, *front, *own, self._end], len(own))


def _special(tokenizer: Tokenizer, token: str) -> int:
    token_id: int | None = tokenizer.token_to_id(token)
    if token_id is None:
        raise ModelFilesError(f"the tokenizer knows no {token}")
    return token_id


def _sentence_breaks(encoding: Encoding, text: str) -> list[int]:
    starts = [start for start, _ in encoding.offsets]
    return sorted({bisect_left(starts, position) for position in sentence_starts(text)})


def _word_breaks(encoding: Encoding) -> list[int]:
    return [index for index, (left, right) in enumerate(pairwise(encoding.word_ids), 1) if left != right]
