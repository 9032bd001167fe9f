"""What the paid texts look like: padded, cut off, empty, copied, or one answer to everything."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rewards.audit.check import Check, Verdict, answer, graded, skipped
from rewards.audit.frame import Frame
from visgenenv.words import tokens

_GRAM = 8
_FEWEST_LINES = 4
_PADDED = 0.3
_MOST = 1500
"""Texts looked at on either side; more would take long and say the same."""
_SHINGLE = 5
_HASHES, _BAND = 16, 4
"""Minimal hashes of a text, and how many of them must agree for two texts to be held against each other."""
_NEAR = 14
"""Of the hashes that agree in nearly the same texts: their shingles are nine tenths the same."""
_SHORTEST = 40
"""Characters; shorter answers are alike by nature."""
_PRIME = (1 << 31) - 1


def repetition(frame: Frame) -> Check:
    """Repeated lines and 8-grams in the top decile against the rest."""
    name, meaning = "repetition", "Are the best paid completions padded with lines or phrases said again?"
    if not frame.top.any() or not any(sample.completion for sample in frame.samples):
        return skipped(
            name, meaning, "all rewards are equal, so that there is no top decile" if not frame.top.any() else "there are no texts"
        )
    generator = np.random.default_rng(frame.seed)
    top = _some(np.flatnonzero(frame.top), generator)
    rest = _some(np.flatnonzero(frame.known & ~frame.top), generator)
    above = np.array([repeated(frame.samples[at].completion) for at in top])
    below = np.array([repeated(frame.samples[at].completion) for at in rest])
    high, low = float(above.mean()), float(below.mean()) if len(below) else 0.0
    padded = top[above >= _PADDED]
    order = top[np.argsort(-above, kind="stable")]
    more = high - low
    verdict: Verdict = "bad" if high >= _PADDED and more >= 0.2 else "look" if more >= 0.1 else "ok"
    told = f"{high:.0%} of a text is said again in the top decile, {low:.0%} in the rest; counted: texts of {_PADDED:.0%} and more"
    return answer(name, meaning, verdict, len(padded), len(top), told, frame.ids(order) if len(padded) else ())


def repeated(text: str) -> float:
    """How much of a text is said again: the higher share of its lines or of its 8-grams."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    found = 1 - len(set(lines)) / len(lines) if len(lines) >= _FEWEST_LINES else 0.0
    words = tokens(text)
    count = len(words) - _GRAM + 1
    if count >= _GRAM:
        found = max(found, 1 - len(set(zip(*(words[at:] for at in range(_GRAM)), strict=False))) / count)
    return found


def _some(indices: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    return indices if len(indices) <= _MOST else np.sort(generator.choice(indices, size=_MOST, replace=False))


def nothing_said(frame: Frame) -> Check:
    """Empty completions, and copies of the prompt, that are paid."""
    name, meaning = "empty or copied, and paid", "Are empty completions or copies of the prompt rewarded above their group?"
    kinds: dict[int, str] = {}
    for at, sample in enumerate(frame.samples):
        if frame.known[at] and sample.error is None:  # what a crash left unsaid is the crash's fault
            text = sample.completion.strip()
            if not text:
                kinds[at] = "empty"
            elif _copied(text, sample.prompt):
                kinds[at] = "copied"
    if not any(sample.completion for sample in frame.samples):
        return skipped(name, meaning, "the records hold no text of a completion")
    paid = [at for at in kinds if frame.paid[at]]
    empty = sum(1 for kind in kinds.values() if kind == "empty")
    told = f"{empty} empty and {len(kinds) - empty} copied in all" if kinds else ""
    order = sorted(paid, key=lambda at: (-frame.rewards[at], at))
    return answer(name, meaning, "bad" if paid else "look" if kinds else "ok", len(paid), int(frame.known.sum()), told, frame.ids(order))


def _copied(text: str, prompt: str) -> bool:
    """Whether a text is a piece of its prompt: a long one, or half of it; short answers that stand in the prompt are none."""
    return len(text) >= 20 and (len(text) >= 200 or 2 * len(text) >= len(prompt)) and text in prompt


def cut_off(frame: Frame) -> Check:
    """Truncated completions that are paid."""
    name, meaning = "truncated, and paid", "Are completions that were cut off rewarded above their group?"
    if all(sample.truncated is None for sample in frame.samples):
        return skipped(name, meaning, "the format does not say what was cut off")
    cut = np.array([bool(sample.truncated) for sample in frame.samples]) & frame.known
    paid = np.flatnonzero(cut & frame.paid)
    told = f"{int(cut.sum())} cut off in all" if cut.any() else ""
    share = len(paid) / max(1, int(frame.paid.sum()))
    order = paid[np.argsort(-frame.rewards[paid], kind="stable")]
    return answer(name, meaning, graded(share, 0.0, 0.1), len(paid), int(frame.paid.sum()), told, frame.ids(order))


def universal(frame: Frame) -> Check:
    """Nearly the same text in the top decile, under different prompts."""
    name, meaning = "one answer to everything", "Is the top decile full of nearly the same text, under different prompts?"
    if not frame.top.any():
        return skipped(name, meaning, "all rewards are equal, so that there is no top decile")
    top = _some(np.flatnonzero(frame.top), np.random.default_rng(frame.seed))
    texts = [(int(at), frame.samples[at].completion.lower()) for at in top]
    texts = [(at, text) for at, text in texts if len(text) >= _SHORTEST]
    if not texts or len({frame.samples[at].prompt for at, _ in texts}) < 2:
        return skipped(name, meaning, f"the top decile has no two prompts with texts of {_SHORTEST} characters or more")
    alike: dict[int, list[int]] = defaultdict(list)
    for (at, _), kind in zip(texts, _kinds([text for _, text in texts]), strict=True):
        alike[kind].append(at)
    shared = [members for members in alike.values() if len({frame.samples[at].prompt for at in members}) > 1]
    shared.sort(key=len, reverse=True)
    count = sum(map(len, shared))
    share = count / len(texts)
    told = (
        f"the largest family has {len(shared[0])} texts under {len({frame.samples[at].prompt for at in shared[0]})} prompts"
        if shared
        else ""
    )
    return answer(name, meaning, graded(share, 0.02, 0.25), count, len(texts), told, frame.ids(shared[0] if shared else ()))


def _kinds(texts: list[str]) -> list[int]:
    """A number a text; nearly the same texts share theirs. By minimal hashes, in time that grows as the texts do."""
    marks = [_minima(text) for text in texts]
    kinds: list[int] = []
    first: dict[tuple[int, bytes], int] = {}
    for at, own in enumerate(marks):
        keys = [(band, own[band : band + _BAND].tobytes()) for band in range(0, _HASHES, _BAND)]
        met = [other for key in keys if (other := first.get(key)) is not None and int((marks[other] == own).sum()) >= _NEAR]
        kinds.append(kinds[met[0]] if met else at)
        for key in keys:
            first.setdefault(key, at)
    return kinds


@lru_cache(maxsize=1)
def _mixers() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    generator = np.random.default_rng(0)
    return generator.integers(1, _PRIME, size=(_HASHES, 1)), generator.integers(0, _PRIME, size=(_HASHES, 1))


def _minima(text: str) -> NDArray[np.int64]:
    """Of every hash the least over the text's shingles: as many agree in two texts as their shingles do."""
    words = tokens(text)
    grams = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    found = np.array([crc32(gram.encode()) % _PRIME for gram in grams], dtype=np.int64)
    times, plus = _mixers()
    return np.asarray(((times * found + plus) % _PRIME).min(axis=1), dtype=np.int64)
