"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.words import named, plain, shown


def contents(record: Record) -> tuple[float, str]:
    """Share of the declared entities found in the arguments of the calls along the deliverables' provenance.

    What a prompt asks to leave out does not count; nor do the words that are spoken or laid over a film, which name things
    without showing them.
    """
    entities = record.asked.entities or ()
    if not entities:
        return 1.0, "no content asked"
    words = [plain(text) for call in record.origins(record.delivered) for text in shown(call.arguments)]
    missing = [entity for entity in entities if not named(entity, words)]
    reason = f"never named: {', '.join(missing)}" if missing else f"all {len(entities)} named"
    return 1 - len(missing) / len(entities), reason[:300]
