"""Whether an entry is flagged as a likely attack on its readers: by its words, or by what it means."""

from services.diary.content import EntryText
from services.diary.embedding import Embedding
from services.diary.injection import injection_risk
from services.diary.injection.similarity import AttackSimilarity
from services.diary.store import EmbeddedVector


class Suspicion:
    """Nothing is refused or altered because of it. What cannot be told counts as harmless."""

    def __init__(self, embedding: Embedding) -> None:
        async def embed(sentence: str) -> EmbeddedVector | None:
            return (await embedding.passage(EntryText(None, sentence, None))).vector

        self._attacks = AttackSimilarity(embed)

    async def of(self, text: EntryText, vector: EmbeddedVector | None) -> bool:
        return injection_risk(text.title, text.content) or await self._attacks.resembles(vector)
