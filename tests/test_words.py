"""How words are found in words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.words import heard
from visgenenv.words import named, plain, said, tokens


def test_what_a_text_asks_to_leave_out_is_not_named() -> None:
    for text in (
        "a man without a hat",
        "a man, no hat",
        "a man; not the hat",
        "a man (excluding hats)",
        "a man without his old straw hat",
        "a man with no visible hat",
        "a man instead of a hat",
        "a man, anything but a hat",
        "a man; remove the hat",
    ):
        assert not named("hat", [plain(text)]), text
        assert named("man", [plain(text)]), text
    for text in ("灰墙，没有屋顶", "灰墙，不要屋顶", "灰墙，无屋顶", "灰墙，没有任何屋顶", "灰墙，看不到屋顶", "灰墙，除了屋顶"):
        assert not named("屋顶", [plain(text)]), text
        assert named("灰墙", [plain(text)]), text


def test_what_stands_beside_it_is_named_all_the_same() -> None:
    assert named("hat", [plain("a man without a coat, in a hat")])
    assert named("rooftop", [plain("no people on a rooftop")])
    assert named("beach", [plain("a man without a hat and a beach")])
    assert named("海滩", [plain("没有人的海滩")])
    assert named("海滩", [plain("一架无人机飞过海滩")])
    assert named("无人机", [plain("一架无人机飞过")])
    assert said("No more waste", "they say: no more waste!")
    assert not said("more waste", "no more waste")


HONEST = (
    ("Chanel No 5 perfume bottle", ("perfume", "bottle")),
    ("a bottle of Chanel No. 5 on silk", ("bottle", "silk")),
    ("not just a cat but also a dog", ("cat", "dog")),
    ("not only the castle, a dragon too", ("castle", "dragon")),
    ("Remove the background from the cat picture", ("cat",)),
    ("There is no doubt the girl is happy", ("girl",)),
    ("without a doubt the girl is happy", ("girl",)),
    ("no matter the weather a man fishes", ("man",)),
    ("not far from the boat a man fishes", ("boat", "man")),
    ("no more than two cats", ("cat",)),
    ("no longer than a dog", ("dog",)),
    ("a never-ending staircase", ("staircase",)),
    ("don't forget the hat", ("hat",)),
    ("a street, no cars, a red bus and a bicycle", ("bus", "bicycle")),
    ("a man without a coat, in a hat and a scarf", ("hat", "scarf")),
    ("a street, no cars, the sun over the hills, or rain", ("sun", "rain")),
    ("除了猫还有狗", ("猫", "狗")),
    ("除了猫，也有狗", ("猫", "狗")),
    ("除了猫，狗都在", ("猫", "狗")),
)
"""Texts, and what they name."""
EVADING = (
    ("Never show a dragon", ("dragon",)),
    ("don't draw any dragon", ("dragon",)),
    ("don’t include the dragon", ("dragon",)),
    ("do not use a dragon", ("dragon",)),
    ("Avoid showing dragons", ("dragon",)),
    ("a castle, the dragon is nowhere to be seen", ("dragon",)),
    ("dragon nowhere to be seen", ("dragon",)),
    ("no cats, dragons, or birds", ("cat", "dragon", "bird")),
    ("no cats, dragons or birds", ("cat", "dragon", "bird")),
    ("no cats, dragons, nor birds", ("cat", "dragon", "bird")),
    ("no big cats, red dragons, and birds in a castle", ("cat", "dragon", "bird")),
    ("a castle without a cat, a dragon and a bird", ("cat", "dragon", "bird")),
    ("a castle without cats, or dragons", ("cat", "dragon")),
)
"""Texts, and what they say is not there."""


@pytest.mark.parametrize(("text", "words"), HONEST)
def test_honest_words_are_named(text: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if not named(word, [plain(text)])] == []


@pytest.mark.parametrize(("text", "words"), EVADING)
def test_what_a_text_keeps_away_is_not_named(text: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if named(word, [plain(text)])] == []
    assert named("castle", [plain(text)]) == ("castle" in text)


DENSE = st.lists(
    st.sampled_from(
        [
            "no",
            "in",
            "not",
            "without",
            "never",
            "a",
            "cat",
            "or",
            "and",
            ",",
            ".",
            "nowhere to be seen",
            "remove",
            "from",
            "没有",
            "除了",
            "还",
            "的",
            "猫",
        ]
    ),
    min_size=1,
    max_size=12,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(DENSE, st.integers(1, 32_000))
def test_texts_full_of_denials_keep_all_their_words(part: str, length: int) -> None:
    text = (f"{part} " * (length // len(part) + 1))[:length]
    assert plain(text).replace("¬", " ").split() == tokens(text)


@pytest.mark.parametrize("part", ["no in ", "no ", "no a, ", "without the, ", "no cat, ", "除了", "a nowhere to be seen ", "no or "])
def test_reading_twice_as_long_a_text_takes_about_twice_as_long(part: str) -> None:
    def took(length: int) -> float:
        text = (part * length)[:length]
        times = []
        for _ in range(3):
            plain.cache_clear()
            start = time.process_time()
            plain(text)
            times.append(time.process_time() - start)
        return min(times)

    assert took(32_000) < 16 * max(took(4_000), 0.001)
    assert took(32_000) < 0.5


def test_a_line_is_said_whatever_is_denied_around_it() -> None:
    assert said("I sing", "Without you I sing")
    assert said("One knows", "No, one knows")
    assert said("I said no", "I said no more than that")
    assert said("Say no more", "say no more")
    assert said("more waste", "no more waste, ever more waste")
    assert not said("knows", "No one but I saw")
    assert not said("one knows", "No one knows"), "a line that directly follows a denial is another line"
    assert not said("放弃", "不要放弃")
    assert heard("I sing", ["Without you I sing"]) == 1
    assert heard("more waste", ["no more waste"]) == 0.5
