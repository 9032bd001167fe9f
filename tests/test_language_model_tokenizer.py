"""The tokenizer and the chat: any text round-trips, roles are tokens, and what is learned is the policy's own."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.chat import Chat
from policies.tokenizer import END, SPECIAL, TEMPLATE, USER, train_tokenizer
from trainers.data.demonstrations import demonstrate
from trainers.vocabulary import tiny_tokenizer
from visgenenv.errors import ConfigError

DEMONSTRATIONS = demonstrate(96)
TOKENIZER = tiny_tokenizer(DEMONSTRATIONS, words=400)
CHAT = Chat(TOKENIZER)
TEXTS = (
    st.text()
    | st.text(alphabet='红灯笼的 海滩，。“”a \n\t<|>{}[]":,0123456789\x00\x1b\u200d')
    | st.sampled_from([*SPECIAL, "<|user", "\u00ad"])
)


@given(st.lists(TEXTS, max_size=4).map("".join))
def test_any_text_comes_back_as_it_went_in(text: str) -> None:
    clean = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert CHAT.decode(CHAT.encode(text)) == clean
    assert TOKENIZER.decode(TOKENIZER(clean)["input_ids"]) == clean


@given(TEXTS, st.sampled_from(SPECIAL), TEXTS)
def test_role_markers_inside_a_text_are_spelled_out(before: str, marker: str, after: str) -> None:
    ids = CHAT.encode(before + marker + after)
    assert not set(ids) & {TOKENIZER.convert_tokens_to_ids(token) for token in SPECIAL}


def test_lone_surrogates_become_replacement_characters() -> None:
    assert CHAT.decode(CHAT.encode("a\ud800b")) == "a\ufffdb"


def test_names_tags_and_sizes_are_whole_tokens() -> None:
    for text in ("tool_video_composite", "tool_text2image_gemini", '"}}</tool_call>', "16:9", "1280x720", "海"):
        assert len(CHAT.encode(text)) == 1, text
    assert [CHAT.decode([token]) for token in CHAT.encode("1024")] == ["1", "0", "2", "4"]


def test_the_same_texts_give_the_same_tokenizer() -> None:
    assert tiny_tokenizer(DEMONSTRATIONS, words=400).backend_tokenizer.to_str() == TOKENIZER.backend_tokenizer.to_str()


def test_an_episode_is_short() -> None:
    sizes = [len(CHAT.demonstration(record.messages)[0]) for record in DEMONSTRATIONS]
    assert sum(sizes) / len(sizes) < 400


def test_a_saved_folder_loads_with_the_auto_class(tmp_path) -> None:
    from transformers import AutoTokenizer

    TOKENIZER.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    text = DEMONSTRATIONS[7].messages[1]["content"] + "小小的狐狸 <|end|> \x07"
    assert again(text)["input_ids"] == TOKENIZER(text)["input_ids"]
    assert again.chat_template == TEMPLATE
    assert (again.eos_token, again.pad_token) == (END, "<|pad|>")
    assert Chat(again).demonstration(DEMONSTRATIONS[3].messages) == CHAT.demonstration(DEMONSTRATIONS[3].messages)


@pytest.mark.parametrize("number", range(0, 96, 12))
def test_a_demonstration_is_what_the_template_renders_and_marks(number: int) -> None:
    messages = list(DEMONSTRATIONS[number].messages)
    ids, mask = CHAT.demonstration(messages)
    rendered = TOKENIZER.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
    assert ids == rendered["input_ids"]
    assert mask == rendered["assistant_masks"]


def test_the_learned_part_of_a_demonstration_is_the_turns_and_their_ends() -> None:
    messages = DEMONSTRATIONS[6].messages
    ids, mask = CHAT.demonstration(messages)
    own = "".join(CHAT.decode([token]) for token, learned in zip(ids, mask, strict=True) if learned)
    assert own == "".join(message["content"] + END for message in messages if message["role"] == "assistant")


CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['role'] == 'assistant' and '</think>' in m['content'] %}{{ m['content'].split('</think>')[-1] }}{% else %}{{ m['content'] }}"
    "{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def foreign():
    """A tokenizer as other models have: ChatML, an end of text that is not the end of a turn, thoughts cut from history."""
    tokenizer = train_tokenizer(["one two three"] * 5, words=20)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHATML
    return tokenizer


def test_a_foreign_template_is_followed_turn_by_turn() -> None:
    tokenizer = foreign()
    chat = Chat(tokenizer)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert end in chat.end_ids
    assert tokenizer.eos_token_id in chat.end_ids
    opening = chat.opening([{"role": "system", "content": "be good"}, {"role": "user", "content": "two"}])
    assert chat.decode(opening) == "<|im_start|>system\nbe good<|im_end|>\n<|im_start|>user\ntwo<|im_end|>\n<|im_start|>assistant\n"
    after = "\n<|im_start|>user\nok<|im_end|>\n<|im_start|>assistant\n"
    assert chat.decode(chat.reply("ok", end)) == after
    assert chat.decode(chat.reply("ok", tokenizer.eos_token_id)) == "<|im_end|>" + after
    assert chat.decode(chat.reply("ok", None)) == "<|im_end|>" + after


def test_a_turn_knows_whether_it_was_ended() -> None:
    ids = CHAT.encode("<think>x</think>")
    end = TOKENIZER.convert_tokens_to_ids(END)
    assert CHAT.turn([*ids, end]) == ("<think>x</think>", end)
    assert CHAT.turn(ids) == ("<think>x</think>", None)
    assert CHAT.turn([*ids, TOKENIZER.convert_tokens_to_ids(USER), end])[0] == "<think>x</think><|user|>"


def test_a_tokenizer_without_a_template_is_refused() -> None:
    tokenizer = train_tokenizer(list(string.ascii_letters), words=5)
    tokenizer.chat_template = None
    with pytest.raises(ConfigError, match="chat template"):
        Chat(tokenizer)
