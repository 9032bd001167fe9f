"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.matching import served
from visgenenv.words import named, plain, shown
from visgenenv.workspace import SEEN


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


def of_their_own(record: Record) -> tuple[float, str]:
    """Share of the things to be shown one by one that a call of their own names, each by the share of its pictures.

    One prompt that names them all shows one of them, or as many as the shots it generates.
    """
    asked = record.asked.each or ()
    if not asked:
        return 1.0, "nothing asked one by one"
    room: dict[int, int] = {}
    makers: list[list[int]] = [[] for _ in asked]
    for call in record.origins(record.delivered):
        made = [asset for asset in record.assets.values() if asset.call == call.index and asset.modality in SEEN]
        if not made:
            continue
        words = [plain(text) for text in shown(call.arguments)]
        room[call.index] = max(record.own_shots(asset) for asset in made)
        for part, found in zip(asked, makers, strict=True):
            if all(named(word, words) for word in part):
                found.append(call.index)
    met = served(makers, room)
    copies = 1 if record.task.modality == "video" else max(1, (record.asked.count or 0) // len(asked))
    behind = [{call.index for call in record.origins([asset])} for asset in record.delivered]
    shares = [
        min(1.0, sum(not calls.isdisjoint(found) for calls in behind) / copies) if number in met else 0.0
        for number, found in enumerate(makers)
    ]
    missing = [" with ".join(part) for part, share in zip(asked, shares, strict=True) if share < 1]
    reason = f"not in pictures or shots of their own: {'; '.join(missing)}" if missing else f"all {len(asked)} in one of their own"
    return sum(shares) / len(shares), reason[:300]
