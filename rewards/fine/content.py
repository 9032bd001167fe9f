"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from rewards.record import Record
from visgenenv.matching import served
from visgenenv.types import Asset
from visgenenv.words import named, plain, shown


def contents(record: Record) -> tuple[float, str]:
    """Share of the declared entities found in the arguments of the calls along what is seen of the deliverables' provenance.

    What a prompt asks to leave out does not count; nor do the words that are spoken or laid over a film, or make its music,
    which name things without showing them.
    """
    entities = record.asked.entities or ()
    if not entities:
        return 1.0, "no content asked"
    words: list[str] = []
    for asset in record.delivered:
        words += [plain(text) for call in record.makers(asset.handle) for text in shown(call.arguments)]
    missing = [entity for entity in entities if not named(entity, words)]
    reason = f"never named: {', '.join(missing)}" if missing else f"all {len(entities)} named"
    return 1 - len(missing) / len(entities), reason[:300]


def of_their_own(record: Record) -> tuple[float, str]:
    """Share of the things to be shown one by one that words of their own made, each by the share of its pictures.

    A picture or clip shows what the last call on its way that names any of the things says; one text shows one of them, and
    one that names three or more and most of them shows none. Lines that must be drawn are read in the very picture. Of a
    film from which shots were cut away again, only the share of what is left counts.
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
        written = [*map(plain, record.assets[member].drawn)]
        everything = [*(text for own in words for text in own), *written]
        for call, own in zip(calls, words, strict=True):
            found = [[n for n, part in enumerate(asked) if named(part[0], (text,))] for text in own]
            for place, things in enumerate(found):
                if len(things) >= 3 and len(things) > len(asked) / 2:
                    continue
                for n in things:
                    if all(named(word, written if word in (record.asked.drawn or ()) else everything) for word in asked[n]):
                        showing[n].add(member)
                        wordings[n].append((call.index, place))
            if any(found):
                break
    met = served(wordings)
    copies = 1 if record.task.modality == "video" else max(1, (record.asked.count or 0) // len(asked))
    shares = [min(1.0, len(pictures) / copies) if n in met else 0.0 for n, pictures in enumerate(showing)]
    missing = [" with ".join(part) for part, share in zip(asked, shares, strict=True) if share < 1]
    reason = f"not in pictures or shots of their own: {'; '.join(missing)}" if missing else f"all {len(asked)} in one of their own"
    value = sum(shares) / len(shares)
    if record.task.modality == "video":
        kept = [_kept(asset, record) for asset in record.delivered]
        if min(kept) < 1:
            value, reason = value * sum(kept) / len(kept), f"of the shots made {min(kept):.0%} are left, nobody can tell which; {reason}"
    return value, reason[:300]


def _kept(asset: Asset, record: Record) -> float:
    """Share of the shots of a film that no edit on the way to it cut away."""
    lost = sum(max(0, sum(max(source.shots, 1) for source in sources) - made.shots) for made, sources in record.edits(asset) if sources)
    return asset.shots / (asset.shots + lost) if lost else 1.0
