"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.matching import served
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


def of_their_own(record: Record) -> tuple[float, str]:
    """Share of the things to be shown one by one that words of their own made, each by the share of its pictures.

    A picture or clip shows what the last call on its way that names any of the things says; one text shows one of them.
    """
    asked = record.asked.each or ()
    if not asked:
        return 1.0, "nothing asked one by one"
    members = [member for asset in record.delivered for member in record.members(asset)]
    showing: list[set[str]] = [set() for _ in asked]
    wordings: list[list[tuple[int, int]]] = [[] for _ in asked]
    for member in dict.fromkeys(members):
        calls = record.makers(member)
        words = [[plain(text) for text in shown(call.arguments)] for call in calls]
        everything = [*(text for own in words for text in own), *map(plain, record.assets[member].drawn)]
        for call, own in zip(calls, words, strict=True):
            found = [(n, place) for place, text in enumerate(own) for n, part in enumerate(asked) if named(part[0], (text,))]
            for n, place in found:
                if all(named(word, everything) for word in asked[n][1:]):
                    showing[n].add(member)
                    wordings[n].append((call.index, place))
            if found:
                break
    met = served(wordings)
    copies = 1 if record.task.modality == "video" else max(1, (record.asked.count or 0) // len(asked))
    shares = [min(1.0, len(pictures) / copies) if n in met else 0.0 for n, pictures in enumerate(showing)]
    missing = [" with ".join(part) for part, share in zip(asked, shares, strict=True) if share < 1]
    reason = f"not in pictures or shots of their own: {'; '.join(missing)}" if missing else f"all {len(asked)} in one of their own"
    return sum(shares) / len(shares), reason[:300]
