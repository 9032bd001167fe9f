"""Format: does each turn keep the grammar? The worst turn counts.

VisionCreator, R_format; the worst turn as in VisionCreator-R1.
"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.types import Score

VERSION = "format/1"


def formatted(record: Record) -> tuple[Score, Score]:
    """The worst turn, and the mean over turns.

    A turn that does not parse is 0; any other is the share of rules it keeps: a thought, nothing outside the tags, the
    order of the tags; in the first turn that parses a plan too, and in the last turn of the episode the answer.
    """
    turns = record.trajectory.turns
    if not turns:
        nothing = Score(value=0.0, reason="no turn", version=VERSION)
        return nothing, nothing
    values, worst, reason = [], 1.0, "every turn keeps the grammar"
    first = next((number for number, turn in enumerate(turns) if not turn.parsed.errors), None)
    final = len(turns) - 1
    for number, turn in enumerate(turns):
        parsed = turn.parsed
        broken = parsed.violations
        if number == final and parsed.answer is None:
            broken = (*broken, "the episode ends without an answer")
        if not broken and not parsed.errors:
            values.append(1.0)
            continue
        rules = 3 + (number == first) + (number == final)
        value = 0.0 if parsed.errors else max(0.0, 1 - len(broken) / rules)
        if value < worst:
            worst, reason = value, f"turn {number + 1}: {(parsed.errors or broken)[0]}"
        values.append(value)
    return (
        Score(value=worst, reason=reason[:300], version=VERSION),
        Score(value=sum(values) / len(values), reason=f"mean of {len(values)} turns", version=VERSION),
    )
