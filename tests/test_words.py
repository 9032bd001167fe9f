"""How words are found in words."""

from visgenenv.words import named, plain, said


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
