"""Facts worked out once for a whole episode are those that hold for each text and each picture alone."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rewards.record import Record
from rewards.words import Page
from tests.rewarding import one_picture, short_film, task
from visgenenv.types import Asset, CallRecord
from visgenenv.words import named, plain, shown, tokens
from visgenenv.workspace import SEEN, ancestors

WORDS = st.lists(st.sampled_from(["cat", "Cats", "cates", "catset", "red", "no", "the", "红", "狐"]), max_size=5).map(" ".join)
TEXTS = st.lists(st.one_of(WORDS, st.lists(WORDS, max_size=3), st.integers()), max_size=3)
ASSETS = st.lists(st.tuples(st.sampled_from(["image", "video", "audio", "text"]), st.sets(st.integers(0, 6))), min_size=1, max_size=6)


@given(st.lists(TEXTS, max_size=4), WORDS)
def test_a_page_finds_words_where_each_text_names_them(arguments: list[Any], words: str) -> None:
    calls = [CallRecord(index=index, turn=0, tool="t", arguments={"prompt": one}) for index, one in enumerate(arguments)]
    texts = [(call.index, plain(text)) for call in calls for text in shown(call.arguments)]
    lines, naming = Page(enumerate(calls)).naming(words)
    assert lines == [line for line, (_, text) in enumerate(texts) if named(words, (text,))]
    assert naming == {texts[line][0] for line in lines}


@given(st.text(alphabet=[chr(code) for code in range(128)]))
def test_a_plain_english_text_has_the_words_that_any_text_has(text: str) -> None:
    assert tokens(text) == re.findall(r"[^\W_]+", text.casefold())


@given(ASSETS)
def test_the_makers_of_each_picture_are_its_own_even_where_provenance_runs_in_circles(drawn: list[tuple[Any, set[int]]]) -> None:
    episode = short_film()
    assets = tuple(
        Asset(handle=f"a{place}", modality=modality, parents=tuple(f"a{parent}" for parent in sorted(parents)), call=place - 1)
        for place, (modality, parents) in enumerate(drawn)
    )
    record = Record(replace(episode, assets=assets))
    for asset in assets:
        through = None if asset.modality == "audio" else SEEN
        behind = {asset.handle, *ancestors(record.assets, asset.handle, through)}
        assert record.lineage(asset.handle, through) == behind
        origins = [record.assets[handle] for handle in behind]
        seen = [one for one in origins if through is None or one is asset or one.modality in through]
        assert record.makers(asset) == sorted({one.call for one in seen if one.call >= 0}, reverse=True)


def test_what_a_search_found_was_not_made() -> None:
    episode = one_picture(task(count=1))
    found = replace(episode.assets[0], kind="reference")
    assert Record(episode).makers(episode.assets[0]) == [0]
    assert Record(replace(episode, assets=(found,))).makers(found) == []
