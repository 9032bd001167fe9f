"""The seeded tasks: what they say, how they are split, and that a seed is a task."""

import re
import string
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visgenenv.errors import ConfigError
from visgenenv.tasks import particulars, vocabulary
from visgenenv.tasks.generator import GENERATED, GENERATED_TYPES, HELDOUT, IMAGE, PRACTICE_TYPES, TRAIN, VIDEO
from visgenenv.tasks.taxonomy import BY_NAME, TASK_TYPES
from visgenenv.tasks.templates import CLAUSES, OPENINGS
from visgenenv.tasks.wording import DIFFICULTIES, FURTHER_OPENINGS, with_article
from visgenenv.types import Task
from visgenenv.workspace import Workspace

TRAINING = [TRAIN(seed) for seed in range(5000)] + [TRAIN.only(GENERATED_TYPES)(seed) for seed in range(2000)]
HELD = [HELDOUT(seed) for seed in range(1000)] + [HELDOUT.only(GENERATED_TYPES)(seed) for seed in range(1000)]


def has(word: str, text: str) -> bool:
    """Whether a text names a word: between word ends in English, anywhere in Chinese."""
    return bool(re.search(rf"\b{re.escape(word)}\b", text)) if word.isascii() else word in text


def said(task: Task) -> str:
    return " ".join([task.prompt, *(given.caption for given in task.inputs)])


def test_the_taxonomy_has_21_kinds_of_video_and_21_of_image() -> None:
    assert len(BY_NAME) == len(TASK_TYPES) == 42
    assert [kind.modality for kind in TASK_TYPES] == ["video"] * 21 + ["image"] * 21
    assert all(kind.english and not kind.chinese.isascii() for kind in TASK_TYPES)


def test_every_type_of_the_taxonomy_is_generated_as_what_it_is() -> None:
    assert sorted(GENERATED_TYPES) == sorted(BY_NAME)
    assert all(GENERATED(seed).modality == BY_NAME[kind].modality for seed, kind in enumerate(GENERATED_TYPES))


def test_seeds_go_through_types_then_languages_then_difficulties() -> None:
    tasks = [GENERATED(seed) for seed in range(42 * 8)]
    assert [task.task_type for task in tasks[:42]] == list(GENERATED_TYPES)
    assert [task.language for task in tasks[:126]] == ["en"] * 42 + ["zh"] * 42 + ["en"] * 42
    assert [task.id.split("/")[3] for task in tasks[::84]] == list(DIFFICULTIES)


def test_practice_keeps_to_a_dozen_types_and_to_tasks_that_a_small_policy_can_read() -> None:
    for source in (TRAIN, HELDOUT):
        tasks = [source(seed) for seed in range(72)]
        assert [task.task_type for task in tasks[:12]] == list(PRACTICE_TYPES)
        assert {task.id.split("/")[3] for task in tasks} == {"easy", "medium", "hard"}


def test_no_task_for_training_names_a_held_out_noun() -> None:
    words = "\n".join(said(task) for task in TRAINING)
    nouns = [noun for pair in vocabulary.heldout_nouns() for noun in pair]
    assert len(nouns) >= 50
    assert [noun for noun in nouns if has(noun, words)] == []


def test_every_held_out_task_names_a_held_out_noun() -> None:
    nouns = vocabulary.heldout_nouns()
    for task in HELD:
        assert any(has(pair[task.language == "zh"], task.prompt) for pair in nouns), task.prompt


def test_no_held_out_line_is_used_in_training() -> None:
    def lines(tasks: list[Task]) -> set[str]:
        asked = [task.requirements for task in tasks]
        return {line for it in asked for line in (*(it.drawn or ()), *(it.subtitles or ()), *((it.narration,) if it.narration else ()))}

    assert len(lines(HELD)) > 200
    assert not lines(HELD) & lines(TRAINING)


def test_the_split_holds_out_about_a_fifth_of_each_kind_and_keeps_languages_together() -> None:
    for kind, words in {**vocabulary.NOUNS, **vocabulary.FURTHER_NOUNS}.items():
        train, held = vocabulary.nouns(kind, "train"), vocabulary.nouns(kind, "heldout")
        assert sorted((*train, *held)) == sorted(words)
        assert 0.15 <= len(held) / len(words) <= 0.25, kind


def test_no_word_is_listed_twice_or_lacks_a_language() -> None:
    lists = [*vocabulary.NOUNS.values(), vocabulary.SETTINGS, vocabulary.VIEWS, vocabulary.ACTIONS, vocabulary.STYLES, vocabulary.GENRES]
    lists += vocabulary.FURTHER_NOUNS.values()
    for tongue in (0, 1):
        words = [pair[tongue] for pairs in lists for pair in pairs]
        assert len(words) == len(set(words))
        assert all(words)
    assert len(set(vocabulary.LINES)) == len(vocabulary.LINES) > 1000
    assert sum(map(len, vocabulary.NOUNS.values())) >= 120


def test_what_pictures_and_shots_show_is_said_once_and_names_no_subject() -> None:
    nouns = [noun for words in (vocabulary.NOUNS, vocabulary.FURTHER_NOUNS) for kind in words.values() for noun in kind]
    lists = {name: value for name, value in vars(particulars).items() if name.isupper() and isinstance(value, tuple)}
    assert len(lists) >= 15
    for name, words in lists.items():
        for tongue in (0, 1):
            assert len({word[tongue] for word in words}) == len(words), name
            assert [word for word in words if any(has(noun[tongue], word[tongue]) for noun in nouns)] == []


def test_nothing_that_is_shown_is_part_of_a_look() -> None:
    """Else the words for the look would seem to show it, those that the clauses put beside it included."""
    shows = [vocabulary.SETTINGS, vocabulary.VIEWS, vocabulary.ACTIONS, *(vars(particulars)[name] for name in ("SCENES", "EXPRESSIONS"))]
    for tongue in (0, 1):
        looks = [f" {clause.format(x=style[tongue])} " for style in vocabulary.STYLES for clause in CLAUSES["style"][tongue]]
        assert [word for words in shows for word in words if any(has(word[tongue], look) for look in looks)] == []


def test_ids_are_their_own() -> None:
    ids = [source(seed).id for source in (GENERATED, TRAIN, HELDOUT) for seed in range(3000)]
    assert len(set(ids)) == len(ids)


CONSISTENT = (
    "same",
    "consistent",
    "never changes",
    "unchanged",
    "every shot",
    "matching",
    "all in one",
    "must stay",
    "同",
    "一致",
    "统一",
    "不变",
    "每个镜头",
)


@settings(max_examples=300, deadline=None)
@given(st.integers(-(2**63), 2**63), st.sampled_from([GENERATED, TRAIN, HELDOUT, IMAGE, VIDEO]))
def test_every_seed_is_a_task_whose_words_say_what_it_requires(seed: int, source: object) -> None:
    task: Task = source(seed)  # type: ignore[operator]
    assert task == source(seed)  # type: ignore[operator]
    asked, words = task.requirements, task.prompt
    assert "{" not in words
    assert len(words) > 10
    assert not asked.variety or any(said in words.casefold() for said in ("alike", "different", "不相同", "不要重复", "都不一样"))
    for text in (*(asked.entities or ()), *(asked.drawn or ()), *(asked.subtitles or ()), asked.narration or "", asked.aspect or ""):
        assert text.casefold() in words.casefold()
    assert all(genre.casefold() in words.casefold() for genre in asked.music or ())
    assert asked.bpm is None or f"{asked.bpm} bpm" in words
    for number in (asked.shots, asked.min_side, asked.count if task.modality == "image" else None):
        assert number is None or says_number(number, words), (number, words)
    if asked.duration_s is not None:
        each = asked.duration_s / (asked.shots or 1)
        assert any(re.search(rf"(?<!\d){seconds:g} ?(s\b|seconds|秒)", words) for seconds in (each, asked.duration_s)), words
    if asked.shot_s is not None:
        assert re.search(rf"(?<!\d){asked.shot_s:g} ?(s\b|seconds|秒)", words), words
    for part in asked.each or ():
        assert all(word.casefold() in words.casefold() for word in part)
    for wanted, spoken in (
        (asked.beat, ("beat", "拍", "卡点", "踩点")),
        (asked.consistency, CONSISTENT),
        (asked.from_inputs, ("given", "attached", "my ", "take the", "给", "附图", "我的")),
        ("music" in (asked.audio or ()), ("music", "soundtrack", "set to", "bpm", "音乐", "配乐")),
    ):
        assert not wanted or any(word in words.casefold() for word in spoken), words


def test_every_list_wants_a_picture_or_shot_for_each_thing_in_it() -> None:
    for seed in range(42 * 2 * 4 * 2):
        asked = GENERATED(seed).requirements
        assert asked.each
        assert (asked.shots or asked.count or 0) % len(asked.each) == 0


def test_what_is_counted_in_pairs_is_said_so() -> None:
    assert with_article("blue sunglasses") == "a pair of blue sunglasses"
    assert with_article("orange kite") == "an orange kite"
    plural = [noun for noun, _ in vocabulary.PRODUCTS if noun.endswith("s") and not noun.endswith(("ss", "os"))]
    assert all(with_article(noun).startswith("a pair of") for noun in plural), plural


ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
CHINESE = "零 一 两 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五"


def says_number(number: int, words: str) -> bool:
    spelled = [language.split()[number] for language in (ENGLISH, CHINESE) if number <= 15]
    return bool(re.search(rf"(?<!\d){number}(?!\d)", words)) or any(word in words.casefold() for word in spelled)


def test_what_a_task_brings_along_is_shown_to_the_policy() -> None:
    for task in (source(seed) for source in (IMAGE, VIDEO) for seed in range(36)):
        assert bool(task.inputs) is bool(task.requirements.from_inputs)
        for asset in Workspace(0, task.inputs).assets.values():
            assert asset.caption in task.prompt


def test_articles_fit_their_words() -> None:
    wrong = re.compile(r"\b([Aa] ([aeio8]|11)|[Aa]n [^aeiouM])")
    assert [task.prompt for task in TRAINING + HELD if wrong.search(task.prompt)] == []


def test_prompts_for_practice_are_short() -> None:
    lengths = sorted(len(task.prompt.split()) for task in TRAINING[:5000] if task.language == "en")
    assert lengths[len(lengths) // 2] <= 25
    assert lengths[len(lengths) * 9 // 10] <= 36


@pytest.mark.parametrize("kind", GENERATED_TYPES)
def test_a_type_is_said_in_five_ways_or_more_in_each_language(kind: str) -> None:
    assert (kind in OPENINGS) is not (kind in FURTHER_OPENINGS)
    openings = {**OPENINGS, **FURTHER_OPENINGS}[kind]
    fields = [{name for _, name, _, _ in string.Formatter().parse(way) if name} - {"a_s"} for tongue in openings for way in tongue]
    assert all(len(set(tongue)) >= 5 for tongue in openings)
    assert all({"n", "list"} <= found for found in fields)
    assert all(len(set(tongue)) >= 3 for ways in CLAUSES.values() for tongue in ways)


def test_a_source_can_be_narrowed_to_some_types() -> None:
    narrow = TRAIN.only(("icon_design", "music_videos"))
    assert [narrow(seed).task_type for seed in range(4)] == ["icon_design", "music_videos"] * 2
    assert narrow(1).id.startswith("train/")


@pytest.mark.parametrize("types", [(), ("moovies",), ("icon_design", "nonsense")])
def test_types_that_are_not_made_are_refused_with_those_that_are(types: tuple[str, ...]) -> None:
    if not types:
        with pytest.raises(ConfigError, match="one or more of"):
            GENERATED.only(types)
        return
    with pytest.raises(ConfigError, match="product_images"):
        GENERATED.only(types)
    with pytest.raises(ConfigError, match="did you mean movies"):
        GENERATED.only(("moovies",))
    with pytest.raises(ConfigError, match="marketing_posters"):
        IMAGE.only(("music_videos",))


def test_another_process_makes_the_same_tasks() -> None:
    program = "from visgenenv.tasks.generator import *; print([t(s) for t in (TRAIN, HELDOUT) for s in range(0, 400, 7)])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert found.stdout.strip() == str([source(seed) for source in (TRAIN, HELDOUT) for seed in range(0, 400, 7)])
