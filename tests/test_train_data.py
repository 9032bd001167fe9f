"""Training data: demonstrations whose flaws are drawn and told, and general tasks whose answers are right."""

import dataclasses
import json
import re
from pathlib import Path
from random import Random

import msgspec
import pytest
import training

from policies.chat import Chat
from trainers.config import DataConfig, PstConfig
from trainers.data.demonstrations import demonstrate
from trainers.data.general import echoes, general
from trainers.data.records import Record, read_shards, write_shards
from trainers.data.words import alphabet, renamed
from trainers.stages import run_demonstrations
from visgenenv.errors import ConfigError
from visgenenv.tasks import vocabulary
from visgenenv.tasks.generator import TRAIN
from visgenenv.tasks.vocabulary import NOUNS, heldout_nouns
from visgenenv.turns import parse

FLAWS = ("skip_reference", "forget_subtitles", "forget_music", "forget_narration")
GENERAL = general(1500, seed=5)


def test_clean_demonstrations_succeed_and_hold_no_flaw() -> None:
    found = demonstrate(72)
    assert all(record.success and not record.flaws for record in found)
    assert {record.seed for record in found} == set(range(72))


def test_a_flaw_is_held_by_about_the_share_that_was_asked() -> None:
    found = demonstrate(480, seed=1, flaws=FLAWS, flaw_rate=0.75)
    music = [record for record in found if record.kind in ("event_promotion_videos", "brand_story_videos")]
    held = [record for record in music if "forget_music" in record.flaws]
    assert 0.6 < len(held) / len(music) < 0.9
    assert not any("tool_music_suno" in message["content"] for record in held for message in record.messages)
    assert not any(record.success for record in found if record.flaws)
    assert all(record.success for record in found if not record.flaws)


def test_made_up_subjects_stand_in_for_every_noun_and_succeed() -> None:
    nouns = [pair for kind in NOUNS for pair in vocabulary.nouns(kind, "train")]
    for number in range(72):
        task = TRAIN(number)
        made = renamed(task, Random(number))
        side = 0 if task.language == "en" else 1
        named = [pair[side] for pair in nouns if re.search(rf"\b{pair[0]}\b" if side == 0 else pair[1], task.prompt)]
        if side == 0:
            assert not [noun for noun in named if re.search(rf"\b{noun}\b", made.prompt)]
        assert made.prompt != task.prompt
        rest = [msgspec.structs.replace(asked, entities=None, each=None) for asked in (made.requirements, task.requirements)]
        assert rest[0] == rest[1]
        assert {len(part) for part in made.requirements.each or ()} == {len(part) for part in task.requirements.each or ()}
    assert all(record.success for record in demonstrate(72, made_up=1.0))


def test_demonstrations_are_the_same_again_whatever_stands_beside_them() -> None:
    assert demonstrate(30, seed=2, flaws=FLAWS)[20:] == demonstrate(10, seed=2, first=20, flaws=FLAWS)
    assert demonstrate(30, seed=2, flaws=FLAWS) != demonstrate(30, seed=3, flaws=FLAWS)


@pytest.mark.parametrize(("options", "words"), [({"flaws": ("nap",)}, "no flaw 'nap'"), ({"flaw_rate": 2}, "from 0 to 1")])
def test_wrong_flaws_are_refused(options: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        demonstrate(1, **options)


@pytest.mark.parametrize(
    "change",
    [{"tasks": "heldout"}, {"flaws": ("forget_music",)}, {"flaw_rate": 0.1}, {"made_up": 1.0}, {"slips": 1.0}, {"faults": "severe"}],
    ids=lambda change: next(iter(change)),
)
def test_every_choice_of_the_data_shows_in_them(change: dict, tmp_path: Path) -> None:
    plain = DataConfig(demonstrations=48, copying=2, general=2)
    folders = [
        run_demonstrations(PstConfig(data=data), tmp_path / name)
        for name, data in (("plain", plain), ("changed", dataclasses.replace(plain, **change)))
    ]
    first, second = (read_shards(folder, "demonstrations") for folder in folders)
    assert first != second
    assert len(first) == len(second) == 48


def test_a_slip_is_seen_and_only_its_mending_is_learned() -> None:
    plain, slipped = demonstrate(72, seed=4), demonstrate(72, seed=4, slips=1.0)
    chat = Chat(training.tokenizer())
    assert sum(bool(record.unlearned) for record in slipped) > 60
    for before, after in zip(plain, slipped, strict=True):
        if not after.unlearned:
            assert after == before
            continue
        (number,) = after.unlearned
        assert "turn_does_not_parse" in after.messages[number + 1]["content"]
        rest = [*after.messages[:number], *after.messages[number + 2 :]]
        assert rest == list(before.messages), "told so, it says what it meant, and goes on as ever"
        ids, mask = chat.demonstration(after.messages, after.unlearned)
        learned = [token for token, own in zip(ids, mask, strict=True) if own]
        ids, mask = chat.demonstration(before.messages)
        assert learned == [token for token, own in zip(ids, mask, strict=True) if own]


def test_shards_that_stand_are_kept(tmp_path: Path) -> None:
    asked: list[int] = []

    def make(first: int, count: int) -> list[Record]:
        asked.append(first)
        return general(count, 0, first)

    write_shards(tmp_path, "general", 1100, make)
    assert asked == [0, 500, 1000]
    (tmp_path / "general-000500.jsonl").unlink()
    write_shards(tmp_path, "general", 1100, make)
    assert asked == [0, 500, 1000, 500]
    assert read_shards(tmp_path, "general") == general(1100)


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    (tmp_path / "general-000000.jsonl").write_bytes(msgspec.json.encode(GENERAL[0]) + b"\n{}\n")
    with pytest.raises(ConfigError, match=r"general-000000\.jsonl, line 2"):
        read_shards(tmp_path, "general")


def test_general_tasks_hang_on_seed_and_number_alone() -> None:
    assert general(20, 5, 100) == GENERAL[100:120]
    assert general(20, 6, 100) != GENERAL[100:120]


def test_no_general_task_forms_a_held_out_noun() -> None:
    nouns = [re.compile(rf"\b{noun}\b" if noun.isascii() else noun) for pair in heldout_nouns() for noun in pair]
    texts = [message["content"] for record in [*GENERAL, *echoes(500)] for message in record.messages]
    assert not [text for text in texts for noun in nouns if noun.search(text)]


def test_every_kind_comes_up_in_both_languages() -> None:
    kinds = {record.kind for record in GENERAL}
    assert kinds == {f"general.{name}" for name in ("copy", "choose", "spread", "function", "repair", "number", "count")}
    assert {True, False} == {record.messages[0]["content"].isascii() for record in GENERAL}


def test_calls_parse_and_carry_words_of_the_request() -> None:
    for record in GENERAL:
        if record.kind not in ("general.spread", "general.function"):
            continue
        asked, answer = (message["content"] for message in record.messages)
        parsed = parse(answer, first=False)
        assert not parsed.errors
        for call in parsed.calls:
            for value in call.arguments.values():
                assert all(part.strip(" “”") in asked for part in str(value).split(", "))


def test_repaired_json_is_json_and_numbers_are_right() -> None:
    for record in GENERAL:
        asked, answer = (message["content"] for message in record.messages)
        if record.kind == "general.repair":
            json.loads(answer)
            assert len(asked.removeprefix("JSON: ")) == len(answer) - 1
        elif record.kind == "general.count":
            assert len(re.split(r", |、", asked)) == int(answer)
        elif "+" in asked and record.kind == "general.number":
            first, second = map(int, re.findall(r"\d+", asked))
            assert first + second == int(answer)


def test_the_alphabet_holds_every_han_character_of_practice_tasks() -> None:
    from visgenenv.tasks.generator import HELDOUT

    asked = (source(seed).requirements for seed in range(600) for source in (TRAIN, HELDOUT))
    said = {sign for found in asked for entity in found.entities or () for sign in entity if ord(sign) > 0x3400}
    assert said <= set(alphabet())
