"""Supervised training: packed without a mask, on the policy's tokens alone, resumable to the byte."""

import json
from pathlib import Path

import pytest
import torch
import training

from benchmarks.quickstart import quickstart_config
from benchmarks.study import full_config
from policies.chat import Chat
from policies.language_model import from_folder
from trainers.attention import causal_rows
from trainers.batches import GRAIN, collate, encode, pack
from trainers.config import SEED_STRIDE, DataConfig, ModelConfig, PstConfig
from trainers.data.demonstrations import demonstrate
from trainers.data.general import general
from trainers.head import add_selected_head
from trainers.optimizer import MuonAndAdamW
from trainers.runs import Run, read_metrics
from trainers.stages import run_pst
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError, SaveError
from visgenenv.tasks.vocabulary import heldout_nouns

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
CONFIG = PstConfig(
    model=ModelConfig(hidden=32, layers=2, heads=2, mlp=48, words=150),
    data=DataConfig(demonstrations=80, general=80, copying=60),
    first_general=60,
    first_visual=30,
    second_general=20,
    second_visual=50,
    tokens_per_step=3000,
    save_steps=2,
    bf16=False,
    threads=1,
)
CHAT = Chat(training.tokenizer())
ROWS = encode([*demonstrate(20), *general(40)], CHAT, 4096)


def test_only_the_policys_tokens_are_labelled() -> None:
    for ids, labels in ROWS:
        assert all(label in (-100, token) for token, label in zip(ids, labels, strict=True))
        assert labels[0] == -100
        assert labels[-1] == training.tokenizer().eos_token_id


def test_batches_hold_every_row_once_within_their_size() -> None:
    batches = pack(ROWS, 1500, seed=0)
    assert sorted(number for batch in batches for number in batch) == list(range(len(ROWS)))
    assert all(len(batch) * max(len(ROWS[number][0]) for number in batch) <= 1500 for batch in batches if len(batch) > 1)
    padded = sum(len(batch) * max(len(ROWS[number][0]) for number in batch) for batch in batches)
    assert sum(len(ids) for ids, _ in ROWS) / padded > 0.6
    assert pack(ROWS, 1500, seed=0) == batches != pack(ROWS, 1500, seed=1)


def test_batches_have_few_shapes() -> None:
    """A kernel is compiled and kept for each: thousands of shapes once took gigabytes."""
    shapes = set()
    for batch in pack(ROWS, 1500, seed=0):
        ids = collate([ROWS[number] for number in batch], 0)["input_ids"]
        assert ids.shape[1] % GRAIN == 0
        assert ids.numel() <= 1500 or len(batch) == 1
        shapes.add(ids.shape[1])
    assert len(shapes) <= max(len(ids) for ids, _ in ROWS) // GRAIN + 1


def test_padding_on_the_right_changes_no_log_probability() -> None:
    model = training.model()
    with torch.inference_mode():
        batch = collate(ROWS[:6], training.tokenizer().pad_token_id)
        together = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        for row, (ids, _) in enumerate(ROWS[:6]):
            alone = model(input_ids=torch.tensor([ids])).logits[0]
            assert (together[row, : len(ids)] - alone).abs().max() < 1e-4


def test_our_head_scores_as_trls_does() -> None:
    from trl.trainer.utils import add_fused_lm_head

    batch = collate(ROWS[:4], training.tokenizer().pad_token_id)
    theirs, ours = training.model(), training.model()
    add_fused_lm_head(theirs, temperature=0.7, outputs=("log_probs", "entropy", "is_top1"))
    add_selected_head(ours, temperature=0.7)
    one, other = (each(**batch, fused_lm_head=True) for each in (theirs, ours))
    mask = other.label_mask
    assert torch.equal(one.label_mask, mask)
    assert (one.log_probs - other.log_probs).abs().max() < 1e-5
    assert ((one.entropy - other.entropy) * mask).abs().max() < 1e-4
    assert torch.equal(one.is_top1.bool() & mask, other.is_top1)
    for each, found in ((theirs, one), (ours, other)):
        each.zero_grad()
        (found.log_probs * mask).sum().backward()
    for a, b in zip(theirs.parameters(), ours.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, atol=1e-4)


def test_whole_row_attention_is_attention() -> None:
    model = training.model()
    batch = collate(ROWS[:4], training.tokenizer().pad_token_id)
    ids, mask = batch["input_ids"], batch["attention_mask"]

    def run(ones: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16), causal_rows(model, ones):
            taken.append(model.config._attn_implementation)
            return model(input_ids=ids, attention_mask=mask).logits

    taken: list[str] = []
    found, usual = run(mask), run(mask * 0)
    assert taken == ["visgen_causal_rows", "sdpa"]
    assert model.config._attn_implementation == "sdpa"
    exact = model(input_ids=ids, attention_mask=mask).logits
    assert (found - exact).abs().mean() < 1.5 * (usual - exact).abs().mean()
    ids[:, -1] = 9
    assert torch.equal(run(mask)[:, :-1], found[:, :-1])


def test_the_optimizer_takes_up_its_state_and_its_scheduler() -> None:
    def steps(count: int, state: dict | None = None, weights: dict | None = None) -> tuple[dict, dict]:
        model = training.model()
        if weights is not None:
            model.load_state_dict(weights)
        optimizer = MuonAndAdamW(model, muon_lr=0.02, adamw_lr=1e-3)
        if state is not None:
            optimizer.load_state_dict(state)
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
        for _ in range(count):
            model(**collate(ROWS[:2], 0)).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        for group in optimizer.param_groups:
            group["lr"] *= 2
        return optimizer.state_dict(), model.state_dict()

    assert list(steps(0)[0]) == ["muon", "adamw"]
    state, weights = steps(2)
    _, resumed = steps(2, state, {name: value.clone() for name, value in weights.items()})
    _, whole = steps(4)
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pst")
    run_pst(CONFIG, folder)
    return folder


def test_a_run_is_its_folder(trained: Path) -> None:
    assert {"config.json", "versions.json", "metrics.jsonl", "checkpoints", "data", "model"} <= {path.name for path in trained.iterdir()}
    rows = read_metrics(trained)
    assert {row["stage"] for row in rows} == {"stage1", "stage2"}
    assert all(row["clock"]["seconds"] >= 0 and row["loss"] > 0 for row in rows)


def test_the_model_is_a_policy(trained: Path) -> None:
    policy = from_folder(trained / "model", max_turn_tokens=20)
    assert len(rollout(policy, 2, 0, max_turns=2, system_prompt="none")) == 2


def test_a_finished_run_is_left_alone(trained: Path) -> None:
    before = (trained / "model" / "model.safetensors").stat().st_mtime_ns
    assert run_pst(CONFIG, trained) == trained / "model"
    assert (trained / "model" / "model.safetensors").stat().st_mtime_ns == before


def test_an_interrupted_run_ends_like_an_uninterrupted_one(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainers import callbacks

    class Interrupted(callbacks.RunCallback):
        """Pulls the plug in the middle of stage 2."""

        def on_step_end(self, args, state, control, **more):
            if self._stage == "stage2" and state.global_step == 3:
                raise KeyboardInterrupt
            super().on_step_end(args, state, control, **more)

    with monkeypatch.context() as patch:
        patch.setattr("trainers.pst.RunCallback", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_pst(CONFIG, tmp_path)
    assert not (tmp_path / "model").exists()
    run_pst(CONFIG, tmp_path)
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == (trained / "model" / "model.safetensors").read_bytes()

    def figures(folder: Path) -> list[str]:
        return [json.dumps({name: value for name, value in row.items() if name != "clock"}) for row in read_metrics(folder)]

    assert figures(tmp_path) == figures(trained)


def test_too_little_data_is_told(tmp_path: Path) -> None:
    import dataclasses

    with pytest.raises(ConfigError, match=r"data\.demonstrations=80: the two stages want 130"):
        run_pst(dataclasses.replace(CONFIG, second_visual=100), tmp_path / "run")
    assert not (tmp_path / "run").exists(), "told before anything is made"


@pytest.mark.parametrize("config", [PstConfig(), quickstart_config().pst, full_config().pst], ids=["default", "quickstart", "full"])
def test_the_shipped_configurations_make_as_much_data_as_they_want(config: PstConfig) -> None:
    assert config.data.general >= config.first_general + config.second_general
    assert config.data.demonstrations >= config.first_visual + config.second_visual
    assert config.data.demonstrations < SEED_STRIDE


def test_seeds_learn_from_tasks_of_their_own() -> None:
    first, second = (demonstrate(12, seed, first=seed * SEED_STRIDE) for seed in (0, 1))
    assert not {record.messages[0]["content"] for record in first} & {record.messages[0]["content"] for record in second}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_general_tasks_form_no_held_out_noun(seed: int) -> None:
    nouns = [text for pair in heldout_nouns() for text in pair]
    chinese = [noun for noun in nouns if not noun.isascii()]
    for record in general(10_000, seed):
        text = "".join(message["content"] for message in record.messages)
        assert not any(noun in text for noun in chinese), (record.seed, text)


def test_a_model_that_cannot_be_saved_leaves_nothing_half_written(tmp_path: Path) -> None:
    class SafetensorError(Exception):
        """As the library names what it raises on a full disk."""

    def write(folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        raise SafetensorError("I/O error: No space left on device")

    run = Run(tmp_path, CONFIG)
    with pytest.raises(SaveError, match="No space left on device; free space"):
        run.finish("model", write)
    assert not list(tmp_path.glob("*model*"))


def test_a_model_without_layers_for_muon_is_told() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    from trainers.optimizer import MuonAndAdamW

    model = GPT2LMHeadModel(GPT2Config(vocab_size=20, n_embd=8, n_layer=1, n_head=1, n_positions=8))
    with pytest.raises(ConfigError, match=r"GPT2LMHeadModel has no matrices named '\.layers\.'"):
        MuonAndAdamW(model, muon_lr=0.01, adamw_lr=0.01)
