"""The tasks that a reward is audited on: five, each said in English and in Chinese, and honest episodes of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from rewards.audit.script import Script, Stage, script_of
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.types import Requirements, Task, TaskInput

SEED = 11


def _task(name: str, language: str, kind: str, modality: str, prompt: str, inputs: tuple[TaskInput, ...] = (), **asked: Any) -> Task:
    return Task(
        id=f"audit/{name}/{language}",
        task_type=kind,
        modality=modality,  # type: ignore[arg-type]
        language=language,
        prompt=prompt,
        requirements=Requirements(**asked),
        inputs=inputs,
    )


def _each(subject: str, *things: str) -> dict[str, Any]:
    return {"entities": (subject, *things), "each": tuple((thing, subject) for thing in things)}


TASKS: dict[str, tuple[Task, Task]] = {
    "pictures": (
        _task(
            *("pictures", "en", "product_images", "image"),
            "Four product pictures of a copper kettle: on a wooden table, in a garden, beside a window, on a stone wall. 4:3, "
            "the same kettle.",
            count=4,
            aspect="4:3",
            consistency="object",
            **_each("copper kettle", "wooden table", "garden", "window", "stone wall"),
        ),
        _task(
            *("pictures", "zh", "product_images", "image"),
            "铜水壶的四张产品图：木桌、花园、窗边、石墙。比例4:3，始终是同一个水壶。",
            count=4,
            aspect="4:3",
            consistency="object",
            **_each("铜水壶", "木桌", "花园", "窗边", "石墙"),
        ),
    ),
    "posters": (
        _task(
            *("posters", "en", "marketing_posters", "image"),
            "Three different posters for a night market, 9:16: one with lanterns, one with noodles, one with a drummer; each says "
            "“OPEN LATE”.",
            count=3,
            aspect="9:16",
            variety=True,
            drawn=("OPEN LATE",),
            **_each("night market", "lanterns", "noodles", "drummer"),
        ),
        _task(
            *("posters", "zh", "marketing_posters", "image"),
            "夜市的三张不同的海报，比例9:16：一张有灯笼，一张有面条，一张有鼓手；每张都写着“营业到深夜”。",
            count=3,
            aspect="9:16",
            variety=True,
            drawn=("营业到深夜",),
            **_each("夜市", "灯笼", "面条", "鼓手"),
        ),
    ),
    "restyled": (
        _task(
            *("restyled", "en", "stylization", "image"),
            "Turn the given photo of a lighthouse into three pictures: as a woodcut, as a watercolour, as a mosaic.",
            (TaskInput(modality="image", caption="a lighthouse", width=1024, height=1024),),
            count=3,
            from_inputs=True,
            entities=("lighthouse", "woodcut", "watercolour", "mosaic"),
            each=(("woodcut",), ("watercolour",), ("mosaic",)),
        ),
        _task(
            *("restyled", "zh", "stylization", "image"),
            "把给出的灯塔照片变成三张图：木刻、水彩、马赛克。",
            (TaskInput(modality="image", caption="灯塔", width=1024, height=1024),),
            count=3,
            from_inputs=True,
            entities=("灯塔", "木刻", "水彩", "马赛克"),
            each=(("木刻",), ("水彩",), ("马赛克",)),
        ),
    ),
    "advert": (
        _task(
            *("advert", "en", "product_marketing_videos", "video"),
            "A 24 s advert for a folding bicycle in four shots of 6 s: a station, a bridge, an office, a ferry. 16:9, folk music, "
            "a voice says “Carry it anywhere”, subtitled “Carry it anywhere”.",
            count=1,
            aspect="16:9",
            duration_s=24.0,
            shots=4,
            shot_s=6.0,
            moving=True,
            music=("folk",),
            audio=("music", "narration"),
            narration="Carry it anywhere",
            subtitles=("Carry it anywhere",),
            **_each("folding bicycle", "station", "bridge", "office", "ferry"),
        ),
        _task(
            *("advert", "zh", "product_marketing_videos", "video"),
            "折叠自行车的24秒广告，四个镜头，每个6秒：车站、大桥、办公室、渡轮。16:9，民谣配乐，旁白说“带它去任何地方”，字幕“带它去任何地方”。",
            count=1,
            aspect="16:9",
            duration_s=24.0,
            shots=4,
            shot_s=6.0,
            moving=True,
            music=("民谣",),
            audio=("music", "narration"),
            narration="带它去任何地方",
            subtitles=("带它去任何地方",),
            **_each("折叠自行车", "车站", "大桥", "办公室", "渡轮"),
        ),
    ),
    "song": (
        _task(
            *("song", "en", "music_videos", "video"),
            "A music video of a street dancer, four shots cut on the beat: a rooftop, a tunnel, a fountain, a staircase. 9:16, techno at "
            "120 bpm, always the same dancer.",
            count=1,
            aspect="9:16",
            shots=4,
            moving=True,
            audio=("music",),
            music=("techno",),
            bpm=120,
            beat=True,
            consistency="character",
            **_each("street dancer", "rooftop", "tunnel", "fountain", "staircase"),
        ),
        _task(
            *("song", "zh", "music_videos", "video"),
            "街舞者的音乐短片，四个镜头，卡点剪辑：屋顶、隧道、喷泉、楼梯。9:16，电子乐，每分钟120拍，始终是同一个舞者。",
            count=1,
            aspect="9:16",
            shots=4,
            moving=True,
            audio=("music",),
            music=("电子乐",),
            bpm=120,
            beat=True,
            consistency="character",
            **_each("街舞者", "屋顶", "隧道", "喷泉", "楼梯"),
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
