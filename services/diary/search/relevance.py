"""Whether an entry answers a query, and how well: meaning and wording in one judgement.

Both are absolute, not relative to the other hits: a weighted sum keeps how far apart entries are, which fusing
ranks throws away. An entry is an answer if its meaning is near enough or its wording covers enough; each may
make up for a little of the other, and what nothing mentions has to be nearer in meaning.
"""

from dataclasses import dataclass

from services.diary.search.wording import Wording

MEANING_SHARE = 0.6

ENOUGH_COVERAGE = 0.4
ENOUGH_NAMED = 0.5
"""Half of the names asked for: who asks for an error code wants the entry that has it."""

STRANGENESS_RAISES = 0.14
COVERAGE_LOWERS = 0.28

NAMED_BONUS = 0.4
LITERAL_BONUS = 0.5

# Nearness from here to there is spread over 0 to 1.
_FARTHEST, _NEAREST = -0.4, 0.7


@dataclass(frozen=True)
class Evidence:
    """What is known of a candidate.

    nearness: cosine on the model's own scale, 0 at its gate and 1 for the same text; None without a vector.
    strangeness: of the query, see `Frequencies`.
    literal: holds a quoted phrase letter by letter.
    """

    wording: Wording
    nearness: float | None = None
    strangeness: float = 0.0
    literal: bool = False


def nearness(similarity: float, gate: float) -> float:
    """Cosines crowd differently for each model; counted from the model's gate they can be compared."""
    return (similarity - gate) / (1 - gate)


def judge_relevance(evidence: Evidence) -> float | None:
    """From 0 to 1, or None for what is no answer."""
    if not _answers(evidence):
        return None
    wording = evidence.wording
    plain = wording.score * wording.coverage
    if evidence.nearness is not None:
        plain = MEANING_SHARE * _spread(evidence.nearness) + (1 - MEANING_SHARE) * plain
    short_of_all = (1 - plain) * (1 - NAMED_BONUS * wording.named) * (1 - LITERAL_BONUS * evidence.literal)
    return 1 - short_of_all


def _answers(evidence: Evidence) -> bool:
    wording = evidence.wording
    if evidence.literal or wording.coverage >= ENOUGH_COVERAGE or wording.named >= ENOUGH_NAMED:
        return True
    if evidence.nearness is None:
        return False
    gate = STRANGENESS_RAISES * evidence.strangeness - COVERAGE_LOWERS * wording.coverage
    return evidence.nearness >= gate


def _spread(near: float) -> float:
    return min(max((near - _FARTHEST) / (_NEAREST - _FARTHEST), 0.0), 1.0)
