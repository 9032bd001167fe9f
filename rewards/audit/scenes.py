"""The tasks that a reward is audited on: five, each said in English and in Chinese, and honest episodes of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from rewards.audit.script import Script, Stage, script_of
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.types import Requirements, Task, TaskInput

SEED = 11


_Said = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], str]
"""A task's words, what it asks for in them, and the caption of a picture that it brings along."""


def _pair(name: str, kind: str, modality: str, asked: dict[str, Any], english: _Said, chinese: _Said) -> tuple[Task, Task]:
    """One task in both languages, with what both ask for."""

    def task(language: str, prompt: str, own: dict[str, Any], *captions: str) -> Task:
        return Task(
            id=f"audit/{name}/{language}",
            task_type=kind,
            modality=modality,  # type: ignore[arg-type]
            language=language,
            prompt=prompt,
            requirements=Requirements(**asked, **own),
            inputs=tuple(TaskInput(modality="image", caption=caption, width=1024, height=1024) for caption in captions),
        )

    return task("en", *english), task("zh", *chinese)


def _each(subject: str, *things: str) -> dict[str, Any]:
    return {"entities": (subject, *things), "each": tuple((thing, subject) for thing in things)}


_FILM = {"count": 1, "shots": 4, "moving": True}
TASKS: dict[str, tuple[Task, Task]] = {
    "pictures": _pair(
        *("pictures", "product_images", "image"),
        {"count": 4, "aspect": "4:3", "consistency": "object"},
        (
            "Four product pictures of a copper kettle: on a wooden table, in a garden, beside a window, on a stone wall. 4:3, "
            "the same kettle.",
            _each("copper kettle", "wooden table", "garden", "window", "stone wall"),
        ),
        ("铜水壶的四张产品图：木桌、花园、窗边、石墙。比例4:3，始终是同一个水壶。", _each("铜水壶", "木桌", "花园", "窗边", "石墙")),
    ),
    "posters": _pair(
        *("posters", "marketing_posters", "image"),
        {"count": 3, "aspect": "9:16", "variety": True},
        (
            "Three different posters for a night market, 9:16: one with lanterns, one with noodles, one with a drummer; each says "
            "“OPEN LATE”.",
            {"drawn": ("OPEN LATE",), **_each("night market", "lanterns", "noodles", "drummer")},
        ),
        (
            "夜市的三张不同的海报，比例9:16：一张有灯笼，一张有面条，一张有鼓手；每张都写着“营业到深夜”。",
            {"drawn": ("营业到深夜",), **_each("夜市", "灯笼", "面条", "鼓手")},
        ),
    ),
    "restyled": _pair(
        *("restyled", "stylization", "image"),
        {"count": 3, "from_inputs": True},
        (
            "Turn the given photo of a lighthouse into three pictures: as a woodcut, as a watercolour, as a mosaic.",
            {"entities": ("lighthouse", "woodcut", "watercolour", "mosaic"), "each": (("woodcut",), ("watercolour",), ("mosaic",))},
            "a lighthouse",
        ),
        (
            "把给出的灯塔照片变成三张图：木刻、水彩、马赛克。",
            {"entities": ("灯塔", "木刻", "水彩", "马赛克"), "each": (("木刻",), ("水彩",), ("马赛克",))},
            "灯塔",
        ),
    ),
    "advert": _pair(
        *("advert", "product_marketing_videos", "video"),
        {**_FILM, "aspect": "16:9", "duration_s": 24.0, "shot_s": 6.0, "audio": ("music", "narration")},
        (
            "A 24 s advert for a folding bicycle in four shots of 6 s: a station, a bridge, an office, a ferry. 16:9, folk music, "
            "a voice says “Carry it anywhere”, subtitled “Carry it anywhere”.",
            {
                "music": ("folk",),
                "narration": "Carry it anywhere",
                "subtitles": ("Carry it anywhere",),
                **_each("folding bicycle", "station", "bridge", "office", "ferry"),
            },
        ),
        (
            "折叠自行车的24秒广告，四个镜头，每个6秒：车站、大桥、办公室、渡轮。16:9，民谣配乐，旁白说“带它去任何地方”，字幕“带它去任何地方”。",
            {
                "music": ("民谣",),
                "narration": "带它去任何地方",
                "subtitles": ("带它去任何地方",),
                **_each("折叠自行车", "车站", "大桥", "办公室", "渡轮"),
            },
        ),
    ),
    "song": _pair(
        *("song", "music_videos", "video"),
        {**_FILM, "aspect": "9:16", "audio": ("music",), "bpm": 120, "beat": True, "consistency": "character"},
        (
            "A music video of a street dancer, four shots cut on the beat: a rooftop, a tunnel, a fountain, a staircase. 9:16, techno at "
            "120 bpm, always the same dancer.",
            {"music": ("techno",), **_each("street dancer", "rooftop", "tunnel", "fountain", "staircase")},
        ),
        (
            "街舞者的音乐短片，四个镜头，卡点剪辑：屋顶、隧道、喷泉、楼梯。9:16，电子乐，每分钟120拍，始终是同一个舞者。",
            {"music": ("电子乐",), **_each("街舞者", "屋顶", "隧道", "喷泉", "楼梯")},
        ),
    ),
}
"""By name: the task in English and in Chinese; both ask for the same."""


@cache
def honest() -> dict[str, Script]:
    """By name and language ("advert/zh"): how the expert plays each task; it succeeds at all of them."""
    tasks = {f"{name}/{task.language}": task for name, pair in TASKS.items() for task in pair}
    episodes = rollout("expert", tasks=list(tasks.values()), seed=SEED, system_prompt="none")
    found: dict[str, Script] = {}
    stage = Stage()
    for name, episode in zip(tasks, episodes, strict=True):
        found[name] = script_of(episode)
        if not (episode.success and stage.play(found[name]).success):
            raise ConfigError(f"the expert fails at the task {name!r} of the audit: an audit needs episodes that succeed")
    return found
