"""The language model as a policy: decoding is exact, ragged, cached, and hangs on nothing but its keys."""

import math
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from policies.decoding import Decoder
from policies.language_model import LanguageModelPolicy, TokenPolicy, from_folder, remember
from policies.tiny import tiny_model
from trainers.data.demonstrations import demonstrate
from trainers.vocabulary import tiny_tokenizer
from visgenenv.conversation import Conversation
from visgenenv.episodes import rollout
from visgenenv.errors import ConfigError
from visgenenv.policy import load_policy

torch.set_num_threads(1)
TOKENIZER = tiny_tokenizer(demonstrate(48), words=200)
MODEL = tiny_model(TOKENIZER, seed=1, hidden=64, layers=2, heads=2, mlp=96).eval()
ENDS = frozenset({TOKENIZER.eos_token_id})
PROMPTS = [[5, 6, 7], list(range(20, 60)), [9], list(range(100, 117))]
OPTIONS = {"system_prompt": "none", "max_turns": 3}


def scores(ids: list[int]) -> "torch.Tensor":
    with torch.inference_mode():
        return torch.log_softmax(MODEL(input_ids=torch.tensor([ids])).logits[0], dim=-1)


def test_sampled_log_probabilities_are_those_of_the_model() -> None:
    decoder = Decoder(MODEL, ENDS, temperature=1.0, max_new_tokens=40, seed=3)
    for prompt, (ids, logprobs) in zip(PROMPTS, decoder(PROMPTS), strict=True):
        again = scores(prompt + ids)[len(prompt) - 1 : -1].gather(1, torch.tensor(ids)[:, None])[:, 0]
        assert (again - torch.tensor(logprobs)).abs().max() <= 1e-5


def test_a_temperature_divides_the_logits() -> None:
    (ids, logprobs), *_ = Decoder(MODEL, ENDS, temperature=0.5, max_new_tokens=5, seed=3)(PROMPTS[:1])
    with torch.inference_mode():
        logits = MODEL(input_ids=torch.tensor([PROMPTS[0] + ids])).logits[0, len(PROMPTS[0]) - 1 : -1] / 0.5
    again = torch.log_softmax(logits, -1).gather(1, torch.tensor(ids)[:, None])[:, 0]
    assert (again - torch.tensor(logprobs)).abs().max() <= 1e-5


def test_greedy_decoding_equals_generate_of_transformers() -> None:
    found = Decoder(MODEL, ENDS, temperature=0.0, max_new_tokens=24)(PROMPTS)
    for prompt, (ids, _) in zip(PROMPTS, found, strict=True):
        whole = MODEL.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), max_new_tokens=24, do_sample=False)
        assert whole[0, len(prompt) :].tolist() == ids


def test_a_row_does_not_hang_on_its_neighbours() -> None:
    together = Decoder(MODEL, ENDS, seed=7, max_new_tokens=30)(PROMPTS, ["a", "b", "c", "d"])
    for key, prompt, row in zip("abcd", PROMPTS, together, strict=True):
        alone = Decoder(MODEL, ENDS, seed=7, max_new_tokens=30)([prompt], [key])[0]
        assert alone.ids == row.ids


def test_conversations_go_on_from_their_cache_and_rows_may_leave() -> None:
    decoder = Decoder(MODEL, ENDS, seed=7, max_new_tokens=12)
    first = decoder(PROMPTS, [1, 2, 3, 4])
    longer = {key: prompt + row.ids + [30, 31, 32] for key, prompt, row in zip((1, 2, 3, 4), PROMPTS, first, strict=True)}
    again = decoder([longer[4], longer[2]], [4, 2])
    for key, row in zip((4, 2), again, strict=True):
        fresh = Decoder(MODEL, ENDS, seed=7, max_new_tokens=12)([longer[key]], [key])[0]
        assert row.ids == fresh.ids
        assert row.logprobs == pytest.approx(fresh.logprobs, abs=1e-5)
    assert (
        decoder([longer[2] + [40], PROMPTS[0]], [2, 9])[1].ids == Decoder(MODEL, ENDS, seed=7, max_new_tokens=12)([PROMPTS[0]], [9])[0].ids
    )


def test_members_of_a_group_share_the_reading_of_their_opening_and_nothing_else() -> None:
    prompts = [PROMPTS[1], PROMPTS[1], [9], PROMPTS[1], PROMPTS[0]]
    decoder = Decoder(MODEL, ENDS, seed=5, max_new_tokens=9)
    read: list[int] = []
    whole = decoder.model.forward
    decoder.model.forward = lambda *args, **named: read.append(named["input_ids"].numel()) or whole(*args, **named)
    try:
        together = decoder(prompts, range(5))
    finally:
        del decoder.model.forward
    assert read[0] == 3 * len(PROMPTS[1])  # three openings, padded to the longest
    for key, (prompt, row) in enumerate(zip(prompts, together, strict=True)):
        alone = Decoder(MODEL, ENDS, seed=5, max_new_tokens=9)([prompt], [key])[0]
        assert alone.ids == row.ids
        assert row.logprobs == pytest.approx(alone.logprobs, abs=1e-5)
    assert len({tuple(together[number].ids) for number in (0, 1, 3)}) == 3


def test_blocks_of_very_different_lengths_are_read_apart_and_come_to_the_same() -> None:
    prompts = [list(range(20, 20 + size)) for size in (300, 3, 290, 40, 5, 44)]
    together = Decoder(MODEL, ENDS, seed=5, max_new_tokens=6)(prompts)
    for key, (prompt, row) in enumerate(zip(prompts, together, strict=True)):
        again = scores(prompt + row.ids)[len(prompt) - 1 : -1].gather(1, torch.tensor(row.ids)[:, None])[:, 0]
        assert (again - torch.tensor(row.logprobs)).abs().max() <= 1e-5, key


def test_heads_that_share_keys_are_decoded_as_transformers_does() -> None:
    config = Qwen3Config(
        vocab_size=90, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Qwen3ForCausalLM(config).eval()
    prompts = [[5, 6, 7], [8] * 11]
    found = Decoder(model, frozenset(), temperature=0.0, max_new_tokens=12)(prompts)
    for prompt, (ids, _) in zip(prompts, found, strict=True):
        whole = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), max_new_tokens=12, do_sample=False)
        assert whole[0, len(prompt) :].tolist() == ids
    assert model.config._attn_implementation == "sdpa"


def test_values_of_another_size_than_keys_are_decoded_too() -> None:
    config = DeepseekV3Config(
        vocab_size=90, hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
        q_lora_rank=16, kv_lora_rank=16, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=8, first_k_dense_replace=1,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DeepseekV3ForCausalLM(config).eval()
    found = Decoder(model, frozenset(), temperature=0.0, max_new_tokens=8)([[5, 6, 7], [8] * 11])
    for prompt, (ids, _) in zip([[5, 6, 7], [8] * 11], found, strict=True):
        whole = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), max_new_tokens=8, do_sample=False)
        assert whole[0, len(prompt) :].tolist() == ids


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_two_products_attend_in_full_precision_alone(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    model = deepcopy(MODEL).to(dtype)
    products: list[int] = []
    bmm = torch.bmm
    monkeypatch.setattr(torch, "bmm", lambda *args: products.append(1) or bmm(*args))
    Decoder(model, ENDS, max_new_tokens=3)(PROMPTS)
    assert bool(products) == (dtype == torch.float32)


def test_a_row_that_waits_past_the_rows_there_are_is_read_anew() -> None:
    decoder = Decoder(MODEL, ENDS, temperature=0.0, max_new_tokens=4, max_length=12)
    first = [5, 6, 7]
    (one, _) = decoder([first, [9, 10]], ["a", "b"])
    full = (first + one.ids + [30] * 12)[:12]
    decoder([full, [9, 10, 11, 12, 13, 14, 15], [40, 41]], ["a", "b", "c"])
    longer = [*first, *one.ids[:-1], 31]
    (again,) = decoder([longer], ["a"])
    fresh = Decoder(MODEL, ENDS, temperature=0.0, max_new_tokens=4, max_length=12)([longer], ["a"])[0]
    assert again.ids == fresh.ids
    assert again.logprobs == pytest.approx(fresh.logprobs, abs=1e-5)


def test_more_prompts_than_rows_take_turns() -> None:
    few = Decoder(MODEL, ENDS, seed=2, max_new_tokens=9, batch=3)(PROMPTS, list("abcd"))
    many = Decoder(MODEL, ENDS, seed=2, max_new_tokens=9)(PROMPTS, list("abcd"))
    assert [row.ids for row in few] == [row.ids for row in many]


def test_a_full_context_says_nothing_more() -> None:
    assert Decoder(MODEL, ENDS)([[5] * MODEL.config.max_position_embeddings])[0].ids == []
    assert len(Decoder(MODEL, ENDS)([[5] * (MODEL.config.max_position_embeddings - 2)])[0].ids) <= 2


def test_decoding_leaves_the_model_in_its_mode() -> None:
    MODEL.train()
    Decoder(MODEL, ENDS, max_new_tokens=2)(PROMPTS)
    assert MODEL.training
    MODEL.eval()


def test_the_same_seed_plays_the_same_episodes_in_any_batch() -> None:
    def play(seed: int, batch: int) -> list[str]:
        policy = LanguageModelPolicy(MODEL, TOKENIZER, temperature=1.0, max_turn_tokens=30, seed=seed)
        return [trajectory.hash for trajectory in rollout(policy, 6, 0, batch=batch, **OPTIONS)]

    assert play(1, 6) == play(1, 4)
    assert play(1, 6) != play(2, 6)


def test_the_opening_of_a_conversation_is_kept_as_ids() -> None:
    policy = LanguageModelPolicy(MODEL, TOKENIZER, max_turn_tokens=5)
    conversation = Conversation(None, 0, [{"role": "user", "content": "红 lantern <|end|>"}])
    (turn,) = policy.act([conversation])
    memory = conversation.memory
    assert policy.chat.decode(memory["prompt_ids"]) == "<|user|>红 lantern <|end|><|end|><|assistant|>"
    assert memory["prompt_ids"].count(TOKENIZER.eos_token_id) == 1
    assert memory["mask"] == [1] * len(memory["ids"])
    assert policy.chat.turn(memory["ids"])[0] == turn


def test_a_saved_folder_is_a_policy(tmp_path) -> None:
    MODEL.save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    policy = from_folder(tmp_path, temperature=1.0, max_turn_tokens=20, seed=4)
    here = LanguageModelPolicy(MODEL, TOKENIZER, temperature=1.0, max_turn_tokens=20, seed=4)
    one, other = (rollout(each, 2, 0, **OPTIONS) for each in (policy, here))
    assert [a.hash for a in one] == [b.hash for b in other]


def test_a_group_sampled_from_a_folder_by_name_says_different_things(tmp_path) -> None:
    MODEL.save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    policy = load_policy(str(tmp_path), seed=4, temperature=1.0)
    assert (policy.decoder.temperature, policy.decoder.seed) == (1.0, 4)
    policy.decoder.max_new_tokens = 20
    found = rollout(policy, 2, 0, group_size=3, **OPTIONS)
    assert len({trajectory.hash for trajectory in found}) == 6
    assert len({trajectory.chance_seed for trajectory in found}) == 2


def test_a_folder_without_a_model_says_so(tmp_path) -> None:
    with pytest.raises(ConfigError, match="no language model"):
        from_folder(tmp_path)


@pytest.mark.parametrize(
    "options", [{"temperature": -1}, {"temperature": math.nan}, {"temperature": math.inf}, {"max_turn_tokens": 0}, {"batch": 0}]
)
def test_wrong_arguments_are_refused(options: dict) -> None:
    with pytest.raises(ConfigError, match="expected"):
        LanguageModelPolicy(MODEL, TOKENIZER, **options)


def test_a_generate_that_returns_too_little_is_told() -> None:
    policy = TokenPolicy(lambda prompts: [], LanguageModelPolicy(MODEL, TOKENIZER).chat)
    with pytest.raises(ConfigError, match="0 continuations for 1 prompts"):
        policy.act([Conversation(None, 0, [{"role": "user", "content": "hi"}])])


def test_weights_are_drawn_from_the_seed() -> None:
    one, same, other = (tiny_model(TOKENIZER, seed, hidden=64, layers=1, heads=2, mlp=64) for seed in (0, 0, 1))
    assert torch.equal(one.lm_head.weight, same.lm_head.weight)
    assert not torch.equal(one.lm_head.weight, other.lm_head.weight)


def test_a_conversation_that_is_long_enough_says_nothing_more() -> None:
    policy = LanguageModelPolicy(MODEL, TOKENIZER, temperature=1.0, max_turn_tokens=30, max_length=120)
    for episode in rollout(policy, 4, 0, max_turns=6, system_prompt="none", task="train"):
        assert episode.truncated or episode.answer
        assert episode.turns[-1].text == ""
    with pytest.raises(ConfigError, match="max_length=0"):
        LanguageModelPolicy(MODEL, TOKENIZER, max_length=0)


def test_a_saved_model_remembers_how_it_was_trained_to_act(tmp_path: Path) -> None:
    MODEL.save_pretrained(tmp_path)
    TOKENIZER.save_pretrained(tmp_path)
    assert from_folder(tmp_path).system_prompt == "full"
    remember(tmp_path, system_prompt="none", max_turn_tokens=7, max_length=100)
    policy = from_folder(tmp_path)
    assert (policy.system_prompt, policy.decoder.max_new_tokens, policy.decoder.context) == ("none", 7, 100)
    assert from_folder(tmp_path, max_turn_tokens=9).decoder.max_new_tokens == 9
    (tmp_path / "visgen.json").write_text('{"prompt": 1}')
    with pytest.raises(ConfigError, match=r"visgen\.json"):
        from_folder(tmp_path)


def test_an_opening_that_leaves_no_room_is_told() -> None:
    with pytest.warns(UserWarning, match="leaves the model no room"):
        rollout(LanguageModelPolicy(MODEL, TOKENIZER, max_length=8), 1, 0, **OPTIONS)


def test_what_could_not_be_read_is_never_answered() -> None:
    """A response that fills the context ends the talk, though a shorter one after it would fit."""
    chat = LanguageModelPolicy(MODEL, TOKENIZER).chat
    written = [*chat.encode("<think>x"), TOKENIZER.eos_token_id]
    asked: list[int] = []

    def generate(prompts):
        asked.extend(map(len, prompts))
        return [([], []) if len(asked) == 2 else (written, [0.0] * len(written)) for _ in prompts]

    (episode,) = rollout(TokenPolicy(generate, chat), 1, 0, max_turns=5, system_prompt="none")
    assert len(asked) == 2
    assert [bool(turn.text) for turn in episode.turns] == [True, False, False, False, False]


def test_a_window_that_would_be_ignored_is_refused() -> None:
    from transformers import MistralConfig, MistralForCausalLM

    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1}
    model = MistralForCausalLM(MistralConfig(vocab_size=50, sliding_window=64, max_position_embeddings=256, **shape))
    with pytest.raises(ConfigError, match=r"attends to the last 64 tokens; .* max_length=64"):
        Decoder(model, frozenset({1}))
    assert Decoder(model, frozenset({1}), max_length=64).context == 64


def test_tensors_from_a_researchers_own_generate_are_read_as_numbers() -> None:
    from trainers import collect
    from visgenenv.tasks.generator import TRAIN

    decoder = Decoder(MODEL, ENDS, seed=5, max_new_tokens=16)

    def own(prompts: list[list[int]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return [(torch.tensor(ids), torch.tensor(logprobs)) for ids, logprobs in decoder(prompts)]

    def plain(prompts: list[list[int]]) -> list[tuple[list[int], list[float]]]:
        return [(ids.tolist(), logprobs.tolist()) for ids, logprobs in own(prompts)]

    found = [collect(generate, [TRAIN(3)], 2, 1, tokenizer=TOKENIZER, **OPTIONS) for generate in (own, plain)]
    assert found[0] == found[1]
    assert all(type(token) is int for sample in found[0] for token in sample.ids)


def test_a_policy_gets_the_system_prompt_it_is_used_to() -> None:
    policy = LanguageModelPolicy(MODEL, TOKENIZER, system_prompt="none", max_turn_tokens=8)
    assert rollout(policy, 1, 0, max_turns=1)[0].environment["system_prompt"] == "none"
    assert rollout(policy, 1, 0, max_turns=1, system_prompt="names")[0].environment["system_prompt"] == "names"
