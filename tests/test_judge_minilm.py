"""Expert plans found by a sentence encoder: a named option, never taken because it happens to be installed."""

from __future__ import annotations

from pathlib import Path

import pytest

import visgenenv as vg
from rewards import RuleJudge
from rewards.judges.minilm import VARIABLE, Sentences
from rewards.plan.experts import lessons_for
from rewards.plan.repository import library
from visgenenv.errors import ConfigError
from visgenenv.types import Requirements, Task

FILM = next(plan for plan in library() if plan.type == "story_videos")
TASK = Task(modality="video", task_type="own", prompt=FILM.prompts[0], requirements=Requirements())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of MiniLM's form, tiny and with random weights."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    where = tmp_path_factory.mktemp("encoder")
    letters = sorted({letter for plan in library() for prompt in plan.prompts for letter in prompt.lower() if letter.strip()})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (where / "vocab.txt").write_text("\n".join(words), "utf-8")
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    BertModel(config).save_pretrained(where)
    BertTokenizerFast(str(where / "vocab.txt")).save_pretrained(where)
    return where


def test_a_prompt_is_likest_to_itself(folder: Path) -> None:
    find = Sentences(str(folder))
    for number in (0, 40, len(library()) - 1):
        found = find(library()[number].prompts[0])
        assert found[number] == max(found.values()) == pytest.approx(1, abs=1e-5)
        assert set(found) == set(range(len(library())))


def test_it_is_part_of_the_version_and_judges_only_where_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(folder))
    named, default = vg.reward("ltr", judge="rules-minilm"), vg.reward("ltr")
    assert named.version != default.version
    assert vg.reward("ltr", judge="rules-minilm").version == named.version
    (episode,) = vg.rollout("auto-pipeline", task=TASK)
    facets = named(episode).parts
    assert facets["plan.optimal"] is not None
    assert 0 <= facets["plan.optimal"].value <= 1


def test_a_task_of_a_known_type_has_the_plans_of_its_type_whoever_looks(folder: Path) -> None:
    find = Sentences(str(folder))
    known = Task(modality="video", task_type="music_videos", prompt="a recipe", requirements=Requirements())
    assert {lesson.plan.type for lesson in lessons_for(known, find)} == {"music_videos"}
    assert {lesson.plan.type for lesson in lessons_for(TASK, find)} == {"story_videos"}
    assert RuleJudge(find).version == f"{RuleJudge.version}+{find.version}"


def test_weights_of_half_precision_are_read_as_whole(folder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    AutoModel.from_pretrained(folder).to(torch.bfloat16).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    vector = Sentences(str(tmp_path)).embed(["a film"])
    assert vector.dtype == "float32"
    assert (vector @ Sentences(str(folder)).embed(["a film"]).T).item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("wrong", ["nowhere/at all", "a folder"])
def test_an_encoder_that_is_none_is_told_by_its_variable(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path) if wrong == "a folder" else wrong)
    with pytest.raises(ConfigError, match=f"^{VARIABLE}=") as raised:
        vg.reward("ltr", judge="rules-minilm")
    assert "\n" not in str(raised.value)
