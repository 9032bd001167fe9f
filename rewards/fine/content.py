"""Content: are the things that the task names in the words that made the deliverables?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rewards.record import Record
from visgenenv.matching import served
from visgenenv.types import Asset
from visgenenv.words import named, plain


def contents(record: Record) -> tuple[float, str]:
    """Share of the declared entities found in the arguments of the calls along what is seen of the deliverables' provenance.

    What a prompt asks to leave out does not count; nor do the words that are spoken or laid over a film, or make its music,
    which name things without showing them.
    """
    entities = record.asked.entities or ()
    if not entities:
        return 1.0, "no content asked"
    calls = {index for asset in record.delivered for index in record.makers(asset)}
    record.page.look_up(entities)
    missing = [entity for entity in entities if calls.isdisjoint(record.page.naming(entity)[1])]
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
    told = _told(record, asked)
    showing: list[set[str]] = [set() for _ in asked]
    wordings: list[list[int]] = [[] for _ in asked]
    for member in record.members:
        makers = record.makers(record.assets[member])
        last = next(filter(told.__contains__, makers), None)
        for line, n in told[last] if last is not None else ():
            # What is there to be drawn may not only be said; of anything else the first word stands in this very line.
            words = asked[n] if record.asked.drawn else asked[n][1:]
            if not words or _all_said(words, makers, record.assets[member].drawn, record):
                showing[n].add(member)
                wordings[n].append(line)
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


def _told(record: Record, asked: Sequence[tuple[str, ...]]) -> dict[int, list[tuple[int, int]]]:
    """By call that names any of the things: the lines that tell one of them apart, each with its number."""
    naming = record.page.naming
    there = [(line, n) for n, part in enumerate(asked) for line in naming(part[0])[0]]
    things = Counter([line for line, _ in there])
    found: dict[int, list[tuple[int, int]]] = {record.page.call_of[line]: [] for line in things}
    for line, n in there:
        if things[line] < 3 or things[line] <= len(asked) / 2:
            found[record.page.call_of[line]].append((line, n))
    return found


def _all_said(words: Iterable[str], makers: list[int], drawn: tuple[str, ...], record: Record) -> bool:
    """Whether every word is in what the makers of a picture say or drawn in it; the lines that must be drawn only there."""
    lines = record.asked.drawn or ()
    for word in words:
        said = word not in lines and not record.page.naming(word)[1].isdisjoint(makers)
        if not said and not named(word, map(plain, drawn)):
            return False
    return True


def _kept(asset: Asset, record: Record) -> float:
    """Share of the shots of a film that no edit on the way to it cut away."""
    lost = sum(max(0, sum(max(source.shots, 1) for source in sources) - made.shots) for made, sources in record.edits(asset) if sources)
    return asset.shots / (asset.shots + lost) if lost else 1.0
