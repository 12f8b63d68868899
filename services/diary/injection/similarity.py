"""Finds attacks in other words than the patterns know: by what the entry's vector is like.

The vector is that of the whole entry: an attack of a few words in a longer text does not show in it.

The vector is compared with known attacks and with harmless sentences on the same subjects. What counts is how much
more it is like the attacks: every sentence has a weight, fitted so that each known one is told right (kernel ridge
regression). A nearest neighbour alone would flag half of what is written *about* attacks before it found one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import structlog

from services.diary.store import EmbeddedVector

log = structlog.get_logger(__name__)

Embed: TypeAlias = Callable[[str], Awaitable[EmbeddedVector | None]]
_Matrix: TypeAlias = npt.NDArray[np.float64]

FILES = resources.files("services.diary.injection")
THRESHOLDS = {"all-MiniLM-L6-v2": 0.45}
"""Score from which on a text is an attack, by model: the harmless texts of `calibration` stay below.
A model that is not named here compares nothing."""
SHARPNESS = 3.0
"""How fast a sentence stops to count as it gets less alike."""
RIDGE = 0.3
"""How little a single sentence can move the score."""
AT_ONCE = 16
PATIENCE_SECONDS = 2.0
"""What an entry waits for known attacks that are not embedded yet; then it is stored without the comparison."""


def sentences(file: str) -> list[str]:
    """The lines of a text file of this package, without comments."""
    lines = FILES.joinpath(file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class KnownAttacks:
    """Known attacks as vectors of one model."""

    def __init__(
        self, model: str, attacks: Sequence[EmbeddedVector], lookalikes: Sequence[EmbeddedVector]
    ) -> None:
        self.model = model
        self._known = _matrix([*attacks, *lookalikes])
        expected = np.concatenate([np.ones(len(attacks)), -np.ones(len(lookalikes))])
        alike = _alikeness(self._known, self._known)
        self._weights: _Matrix = np.linalg.solve(alike + RIDGE * np.eye(len(expected)), expected)
        self._threshold = THRESHOLDS.get(_name(model), np.inf)

    @classmethod
    async def load(cls, embed: Embed) -> Self | None:
        """Embeds every known sentence; None when the embedder is away or changes its model meanwhile."""
        attacks, lookalikes = sentences("known_attacks.txt"), sentences("lookalikes.txt")
        vectors = await _embedded([*attacks, *lookalikes], embed)
        if vectors is None or len({vector.model for vector in vectors}) != 1:
            return None
        return cls(vectors[0].model, vectors[: len(attacks)], vectors[len(attacks) :])

    def score(self, vector: EmbeddedVector) -> float:
        """About 1 for a known attack and -1 for a known harmless sentence; 0 for what is like neither."""
        return float(_alikeness(_matrix([vector]), self._known)[0] @ self._weights)

    def resembles(self, vector: EmbeddedVector) -> bool:
        """Whether it is an attack in other words. Never for a vector of another model."""
        return vector.model == self.model and self.score(vector) >= self._threshold


class AttackSimilarity:
    """Known attacks, embedded when they are first needed and again when the model has changed."""

    def __init__(self, embed: Embed, patience: float = PATIENCE_SECONDS) -> None:
        self._embed = embed
        self._patience = patience
        self._known: KnownAttacks | None = None
        self._loading: asyncio.Task[None] | None = None
        self._told: set[str] = set()

    async def resembles(self, vector: EmbeddedVector | None) -> bool:
        """Whether an entry with this vector is an attack in other words; no when that cannot be told."""
        if vector is None:
            return False
        if _name(vector.model) not in THRESHOLDS:
            self._tell_once(vector.model)
            return False
        if self._known is None or self._known.model != vector.model:
            await self._load()
        return self._known is not None and self._known.resembles(vector)

    def _tell_once(self, model: str) -> None:
        if model not in self._told:
            self._told.add(model)
            log.warning("attacks_not_compared", model=model)

    async def _load(self) -> None:
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._fill())
        await asyncio.wait({self._loading}, timeout=self._patience)

    async def _fill(self) -> None:
        known = await KnownAttacks.load(self._embed)
        if known is None:
            log.warning("known_attacks_not_embedded")
        else:
            self._known = known


async def _embedded(texts: Sequence[str], embed: Embed) -> list[EmbeddedVector] | None:
    found: list[EmbeddedVector] = []
    for start in range(0, len(texts), AT_ONCE):
        vectors = await asyncio.gather(*(embed(text) for text in texts[start : start + AT_ONCE]))
        present = [vector for vector in vectors if vector is not None]
        if len(present) < len(vectors):
            return None
        found += present
    return found


def _alikeness(left: _Matrix, right: _Matrix) -> _Matrix:
    """1 for the same direction, fast less for others."""
    alike: _Matrix = np.exp(SHARPNESS * (left @ right.T - 1))
    return alike


def _matrix(vectors: Sequence[EmbeddedVector]) -> _Matrix:
    return np.stack([vector.values for vector in vectors]).astype(np.float64)


def _name(model: str) -> str:
    """A model's name without its revision and precision."""
    return model.partition("@")[0]
