"""Two checkers, written apart, agree: what is a success has every requirement scored 1, whatever is done to it at the end."""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from rewarding import ANIMATE, CLIP, JOIN, SPEAK, TITLE, play, step, task, turn

from policies.expert import Expert, applicable
from policies.expert.recipe import LARGE_SIZES
from visgenenv.conversation import Conversation
from visgenenv.episodes import rollout
from visgenenv.tasks.generator import GENERATED
from visgenenv.tasks.success import unmet
from visgenenv.turns import parse, render
from visgenenv.types import Answer, Requirements, ToolCall

EDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tool_video_trim_edit", {"start": 0.7}),
    ("tool_video_trim_edit", {"end": 4.0}),
    ("tool_video_speed_adjust", {"factor": 1.05}),
    ("tool_video_postprocess", {"volume": 0.0}),
    ("tool_video_postprocess", {"fps": 30}),
    ("tool_video_postprocess", {"width": 640, "height": 640}),
    ("tool_tts_composite", {"text": "Thank you.", "keep_original_audio": False}),
    ("tool_subtitle_add_text", {"items": [{"text": "one more line"}]}),
)


class Meddler:
    """An expert with drawn flaws who, before answering with a film, does one more thing to it."""

    def act(self, conversations: Sequence[Conversation], /) -> list[str]:
        return [self._turn(conversation) for conversation in conversations]

    def _turn(self, conversation: Conversation) -> str:
        if conversation.memory.get("meddled"):
            (handle,) = re.findall(r'"(vid_\d+)"', conversation.messages[-1]["content"])[-1:]
            return render("done", answer=Answer(deliverables=(handle,)))
        random = Random(conversation.seed)
        flaws = tuple(name for name in applicable(conversation.task) if random.random() < 0.2)
        (turn,) = Expert(flaws=flaws).act([conversation])
        answer = parse(turn, first=False).answer
        if answer is None or conversation.task.modality != "video" or len(answer.deliverables) != 1:
            return turn
        tool, arguments = random.choice(EDITS)
        conversation.memory["meddled"] = True
        return render("one more thing", calls=(ToolCall(name=tool, arguments={"video": answer.deliverables[0], **arguments}),))


EPISODES = rollout(Meddler(), 360, 5, task="generated", system_prompt="none", reward="ltr")


def test_the_drill_has_both_successes_and_every_kind_of_failure() -> None:
    share = sum(episode.success for episode in EPISODES) / len(EPISODES)
    assert 0.3 < share < 0.9
    reasons = {reason.split(":")[0] for episode in EPISODES for reason in unmet(episode)}
    assert {"audio", "beat", "consistency", "duration_s", "subtitles"} <= reasons


def test_what_is_a_success_has_every_requirement_scored_one() -> None:
    for episode in EPISODES:
        assert episode.reward is not None
        parts = {name: score.value for name, score in episode.reward.parts.items() if score is not None}
        full = all(value == 1 for name, value in parts.items() if name.startswith("result.") or name in ("consistency", "plan.requirement"))
        assert full or not episode.success, (episode.seed, parts)
        if full and parts["format"] == 1:
            assert episode.success, (episode.seed, unmet(episode))


def _both(asked: Any, *turns: str) -> tuple[list[str], dict[str, float]]:
    found = play(asked, *turns)
    assert found.reward is not None
    return unmet(found), {name: score.value for name, score in found.reward.parts.items() if score is not None}


def test_what_a_search_found_is_no_shot_however_it_is_joined() -> None:
    asked = task("video", "a beach", count=1, shots=3)
    search = ("tool_search_inspire", {"query": "a beach", "modality": "video", "max_results": 3})
    joined = (JOIN, {"clips": ["vid_1", "vid_2", "vid_3"]})
    reasons, parts = _both(asked, turn(search, plan=[step(1, search[0]), step(2, JOIN)]), turn(joined), turn(answer=["vid_4"]))
    assert reasons == ["vid_4 was found by a search; a deliverable is made"]
    assert parts["result"] == 0
    clips = turn(search, (CLIP, {"prompt": "a beach"}), plan=[step(1, search[0]), step(2, CLIP), step(3, JOIN)])
    mixed = (JOIN, {"clips": ["vid_1", "vid_2", "vid_4"]})
    reasons, parts = _both(asked, clips, turn(mixed), turn(answer=["vid_5"]))
    assert any(reason.startswith("shots: vid_5 has 1 shots") for reason in reasons)
    assert parts["result.shots"] < 1


def test_a_film_that_lends_its_sound_alone_is_no_clip() -> None:
    asked = task("video", "a fox", count=1, shots=1, consistency="character")
    first = turn(("tool_text2image_gemini", {"prompt": "a fox"}), (CLIP, {"prompt": "waves"}), plan=[step(1, CLIP)])
    second = turn((ANIMATE, {"image": "img_1", "prompt": "it runs"}), ("tool_audio_edit_cut", {"audio": "vid_1"}))
    reasons, parts = _both(asked, first, second, turn((JOIN, {"clips": ["vid_2"], "bgm": "aud_1"})), turn(answer=["vid_3"]))
    assert reasons == []
    assert (parts["result.shots"], parts["consistency"]) == (1, 1)
    reasons, parts = _both(
        msgspec.structs.replace(asked, requirements=Requirements(count=1, shots=2)),
        first,
        second,
        turn((JOIN, {"clips": ["vid_2", "vid_2"], "bgm": "aud_1"})),
        turn(answer=["vid_3"]),
    )
    assert any(reason.startswith("shots") for reason in reasons)
    assert parts["result.shots"] < 1


def test_variety_wants_other_words_and_not_another_size_or_model() -> None:
    asked = task("image", "three foxes, all different", count=3, variety=True)
    draw, paint = "tool_text2image_gemini", "tool_text2image_qwen"
    for calls, share in (
        ([(draw, {"prompt": "a fox"}), (draw, {"prompt": "a fox at dusk"}), (draw, {"prompt": "a fox, asleep"})], 1.0),
        ([(draw, {"prompt": "a fox"}), (draw, {"prompt": "A fox!", "aspect_ratio": "16:9"}), (paint, {"prompt": "a fox"})], 1 / 3),
        ([(draw, {"prompt": "a fox", "num_images": 2}), (draw, {"prompt": "a fox at dusk"})], 2 / 3),
        ([(draw, {"prompt": "a fox 1"}), (draw, {"prompt": "a fox, 2"}), (draw, {"prompt": "fox number three, a"})], 2 / 3),
    ):
        plan = [step(number, name) for number, (name, _) in enumerate(calls, 1)]
        reasons, parts = _both(asked, turn(*calls, plan=plan), turn(answer=["img_1", "img_2", "img_3"]))
        assert parts["result.variety"] == share
        assert [reason.partition(":")[0] for reason in reasons] == ([] if share == 1 else ["variety"])
    two = turn((draw, {"prompt": "a fox"}), (draw, {"prompt": "a fox"}), plan=[step(1, draw)])
    reasons, parts = _both(task("image", "foxes", count=2), two, turn(answer=["img_1", "img_2"]))
    assert (reasons, "result.variety" in parts) == ([], False)


DRAW, EDIT = "tool_text2image_gemini", "tool_image_edit_gemini"


def test_each_thing_listed_wants_a_picture_of_its_own() -> None:
    asked = task("image", "a fox: asleep, at sea", count=2, each=(("asleep",), ("at sea",)))
    pasted = "a fox, asleep, at sea"
    for calls, share in (
        ([(DRAW, {"prompt": "a fox asleep"}), (DRAW, {"prompt": "a fox at sea"})], 1.0),
        ([(DRAW, {"prompt": pasted}), (DRAW, {"prompt": "a fox asleep"})], 1.0),
        ([(DRAW, {"prompt": pasted, "num_images": 2})], 1 / 2),
        ([(DRAW, {"prompt": "a fox asleep", "num_images": 2})], 1 / 2),
        ([(DRAW, {"prompt": "a fox asleep"}), (DRAW, {"prompt": "the ocean"})], 1 / 2),
    ):
        reasons, parts = _both(asked, turn(*calls, plan=[step(1, DRAW)]), turn(answer=["img_1", "img_2"]))
        assert parts["result.each"] == share
        assert [reason.partition(":")[0] for reason in reasons] == ([] if share == 1 else ["each"])


def test_the_last_words_that_name_a_thing_say_what_a_picture_shows() -> None:
    asked = task("image", "a fox: asleep, at sea", count=2, each=(("asleep",), ("at sea",)))
    pasted = turn((DRAW, {"prompt": "a fox, asleep, at sea", "num_images": 2}), plan=[step(1, DRAW)])
    one = turn((DRAW, {"prompt": "a fox asleep"}), plan=[step(1, DRAW)])
    found = turn(("tool_search_inspire", {"query": "asleep", "modality": "image"}), plan=[step(1, EDIT)])

    def edits(*given: tuple[str, str]) -> str:
        return turn(*((EDIT, {"images": [image], "prompt": prompt}) for image, prompt in given))

    for first, second, answer, share in (
        (pasted, edits(("img_1", "brighter"), ("img_2", "brighter")), ["img_3", "img_4"], 1 / 2),
        (pasted, edits(("img_1", "now asleep"), ("img_2", "now at sea")), ["img_3", "img_4"], 1.0),
        (one, edits(("img_1", "now at sea")), ["img_1", "img_2"], 1.0),
        (one, edits(("img_1", "a fox at sea"), ("img_1", "a fox at sea")), ["img_2", "img_3"], 1 / 2),
        (found, edits(("img_1", "a fox at sea"), ("img_1", "a fox at sea")), None, 1 / 2),
    ):
        made = play(asked, first, second).assets
        handles = answer or [asset.handle for asset in made if asset.kind != "reference" and asset.modality == "image"]
        reasons, parts = _both(asked, first, second, turn(answer=handles))
        assert parts["result.each"] == share
        assert [reason.partition(":")[0] for reason in reasons] == ([] if share == 1 else ["each"])


def test_what_goes_with_a_thing_may_be_said_before_or_after_it() -> None:
    asked = task("image", "a fox asleep “HELLO”, at sea “BYE”", count=2, each=(("asleep", "HELLO"), ("at sea", "BYE")))
    for first, second in (
        (("a fox asleep", "a fox at sea"), ("write “HELLO”", "write “BYE”")),
        (("a sign “HELLO”", "a sign “BYE”"), ("a fox asleep beside it", "a fox at sea beside it")),
    ):
        drawn = turn(*((DRAW, {"prompt": words}) for words in first), plan=[step(1, DRAW), step(2, EDIT)])
        edited = turn(*((EDIT, {"images": [f"img_{n}"], "prompt": words}) for n, words in enumerate(second, 1)))
        reasons, parts = _both(asked, drawn, edited, turn(answer=["img_3", "img_4"]))
        assert (reasons, parts["result.each"]) == ([], 1)
    crossed = turn((DRAW, {"prompt": "a fox asleep “BYE”"}), (DRAW, {"prompt": "a fox at sea “HELLO”"}), plan=[step(1, DRAW)])
    reasons, parts = _both(asked, crossed, turn(answer=["img_1", "img_2"]))
    assert (len(reasons), parts["result.each"]) == (1, 0)


def test_no_generated_list_of_pictures_is_met_by_one_prompt_pasted() -> None:
    """Pictures enough, large enough and of the right shape, all from the task's own words in calls of four."""
    tasks = [asked for asked in map(GENERATED, range(42 * 2 * 4)) if asked.modality == "image" and not asked.inputs]
    pasted = [asked for asked in tasks if len(asked.requirements.each or ()) > (asked.requirements.count or 0) // 4 + 1]
    assert len(pasted) > 100
    for asked in pasted:
        count, size = asked.requirements.count or 0, LARGE_SIZES.get(asked.requirements.aspect or "1:1", "2048x2048")
        several = {"prompt": asked.prompt, "size": size, "sequential_image_generation": "auto"}
        calls = [("tool_text2image_seed", {**several, "max_images": min(4, count - done)}) for done in range(0, count, 4)]
        plan = [step(1, "tool_text2image_seed", n=len(calls))]
        reasons, parts = _both(asked, turn(*calls, plan=plan), turn(answer=[f"img_{n}" for n in range(1, count + 1)]))
        assert any(reason.startswith("each: ") for reason in reasons), asked.prompt
        assert parts["result.count"] == 1
        assert parts["result.each"] < 1


def test_as_many_pictures_of_each_thing_as_are_asked() -> None:
    asked = task("image", "two of the beach, two of the harbor", count=4, each=(("beach",), ("harbor",)))
    draw = "tool_text2image_gemini"
    for beaches, share in ((2, 1.0), (3, 3 / 4)):
        calls = ((draw, {"prompt": "beach", "num_images": beaches}), (draw, {"prompt": "harbor", "num_images": 4 - beaches}))
        reasons, parts = _both(asked, turn(*calls, plan=[step(1, draw)]), turn(answer=[f"img_{n}" for n in range(1, 5)]))
        assert parts["result.each"] == share
        assert reasons == ([] if share == 1 else ["each: 'harbor' is shown by 1 of the pictures; 2 asked"])


def test_no_generated_film_is_met_by_the_automatic_pipeline() -> None:
    """Shots enough, all from the task's own words."""
    auto = "tool_video_auto_pipeline"
    for asked in (one for one in map(GENERATED, range(42 * 2 * 4)) if one.modality == "video" and not one.inputs):
        shots = asked.requirements.shots or 1
        calls = [(auto, {"prompt": asked.prompt, "num_shots": min(12, shots - done)}) for done in range(0, shots, 12)]
        clips = [f"vid_{n}" for n in range(1, len(calls) + 1)]
        join = [] if len(clips) == 1 else [turn((JOIN, {"clips": clips}))]
        plan = [step(1, auto, n=len(calls)), *([step(2, JOIN)] if join else [])]
        reasons, parts = _both(asked, turn(*calls, plan=plan), *join, turn(answer=[f"vid_{len(clips) + len(join)}"]))
        assert any(reason.startswith("each: ") for reason in reasons), asked.prompt
        assert parts["result.shots"] == 1
        assert parts["result.each"] < 1


def test_a_length_said_of_every_shot_is_looked_at_in_each() -> None:
    asked = task("video", "two shots of 6 s each", count=1, shots=2, duration_s=12, shot_s=6)
    for lengths, share in (((6, 6), 1.0), ((8, 4), 0.5)):
        clips = turn(*((CLIP, {"prompt": f"shot of {n} s", "duration": n}) for n in lengths), plan=[step(1, CLIP), step(2, JOIN)])
        reasons, parts = _both(asked, clips, turn((JOIN, {"clips": ["vid_1", "vid_2"]})), turn(answer=["vid_3"]))
        assert parts["result.shot_s"] == share
        assert [reason.partition(":")[0] for reason in reasons] == ([] if share == 1 else ["shot_s"])


def test_signs_between_words_do_not_matter_to_either() -> None:
    asked = task("video", "a fox", count=1, narration="Home again at last", subtitles=("Well, then!",))
    film = turn((CLIP, {"prompt": "a fox"}), (SPEAK, {"text": "home again, at last!"}), plan=[step(1, CLIP), step(2, SPEAK)])
    title = turn((TITLE, {"video": "vid_2", "items": [{"text": "well then"}]}))
    reasons, parts = _both(asked, film, turn((JOIN, {"clips": ["vid_1"], "voice": ["aud_1"]})), title, turn(answer=["vid_3"]))
    assert reasons == []
    assert (parts["result.narration"], parts["result.subtitles"]) == (1, 1)
