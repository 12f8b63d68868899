"""Texts become the ids the model was trained on, and long ones become chunks that all know their context."""

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from services.embedder.config import EmbedderConfig
from services.embedder.errors import EmptyTextError
from services.embedder.files import locate
from services.embedder.models import MINILM, TOKENIZER_FILE
from services.embedder.tokens import SMALLEST_BODY, Passage, Tokens

SENTENCE = "The ferry leaves the harbour at seven in the morning. "
TAGS = "Timetable\ntag:ferry"


@pytest.fixture(scope="module")
def tokenizer_file() -> Path:
    only_tokenizer = replace(MINILM, sha256={TOKENIZER_FILE: MINILM.sha256[TOKENIZER_FILE]})
    return locate(only_tokenizer, EmbedderConfig(Path("unused")))[TOKENIZER_FILE]


@pytest.fixture(scope="module")
def tokens(tokenizer_file: Path) -> Tokens:
    return Tokens.load(tokenizer_file, MINILM)


@pytest.fixture(scope="module")
def stock(tokenizer_file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def test_ids_equal_those_of_the_tokenizer_itself(tokens: Tokens, stock: Tokenizer) -> None:
    text = "Naïve café: does getUserById() cost 3.50 €?"
    assert tokens.query(text).chunks[0].ids == stock.encode(text).ids
    assert tokens.passage(Passage(text), 8).chunks[0].ids == stock.encode(text).ids


def test_prefixes_are_put_in_front(tokenizer_file: Path, stock: Tokenizer) -> None:
    tokens = Tokens.load(tokenizer_file, replace(MINILM, query_prefix="query: ", passage_prefix="passage: "))
    assert tokens.query("red sky").chunks[0].ids == stock.encode("query: red sky").ids
    assert tokens.passage(Passage("red sky"), 8).chunks[0].ids == stock.encode("passage: red sky").ids


def test_a_long_query_is_cut_at_the_limit_and_says_so(tokens: Tokens) -> None:
    exact = tokens.query("word " * (MINILM.token_limit - 2))
    assert (len(exact.chunks[0].ids), exact.truncated) == (MINILM.token_limit, False)
    longer = tokens.query("word " * (MINILM.token_limit - 1))
    assert (longer.chunks[0].ids, longer.truncated) == (exact.chunks[0].ids, True)


def test_a_short_passage_is_one_run_without_its_context_repeated(tokens: Tokens, stock: Tokenizer) -> None:
    passage = tokens.passage(Passage(SENTENCE, TAGS), 8)
    assert [chunk.ids for chunk in passage.chunks] == [stock.encode(SENTENCE).ids]


def test_each_chunk_of_a_long_passage_has_the_context_and_whole_sentences(
    tokens: Tokens, stock: Tokenizer
) -> None:
    passage = tokens.passage(Passage(SENTENCE * 40, TAGS), 64)
    context = stock.encode(TAGS, add_special_tokens=False).ids
    sentence = stock.encode(SENTENCE, add_special_tokens=False).ids
    assert not passage.truncated
    assert sum(chunk.own for chunk in passage.chunks) == 40 * len(sentence)
    for chunk in passage.chunks:
        assert len(chunk.ids) <= MINILM.chunk_tokens
        assert chunk.ids[1 : 1 + len(context)] == context
        assert chunk.ids[1 + len(context) : -1] == sentence * (chunk.own // len(sentence))


def test_chunks_are_capped_and_the_rest_is_reported(tokens: Tokens) -> None:
    passage = tokens.passage(Passage(SENTENCE * 100), 3)
    assert (len(passage.chunks), passage.truncated) == (3, True)


def test_a_context_of_any_length_takes_half_a_chunk_at_most(tokens: Tokens) -> None:
    passage = tokens.passage(Passage("word " * 300, context="title " * 1000), 64)
    assert [chunk.own for chunk in passage.chunks] == [SMALLEST_BODY] * 6 + [300 - 6 * SMALLEST_BODY]
    assert max(len(chunk.ids) for chunk in passage.chunks) == 2 + MINILM.chunk_tokens // 2 + SMALLEST_BODY


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b\x00"])
def test_a_text_without_tokens_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(EmptyTextError):
        tokens.query(text)
    with pytest.raises(EmptyTextError):
        tokens.passage(Passage(text, context="tag:x"), 8)
