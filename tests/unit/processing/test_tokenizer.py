from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.processing.conftest import TEXTS
from yunqi.common.errors import YunqiError
from yunqi.processing.build import train_bpe
from yunqi.processing.tokenizer import IncrementalDecoder, Tokenizer
from yunqi.processing.vocabulary import QWEN3_ADDED

RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@RELAXED
@given(text=texts)
def test_text_survives_but_for_normalisation(small: Tokenizer, text: str) -> None:
    assert small.decode(small.encode(text)) == unicodedata.normalize("NFC", text)


@RELAXED
@given(data=st.data())
def test_a_stream_decodes_as_the_whole(small: Tokenizer, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, small.vocab_size + 5), max_size=30))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(ids)), max_size=5)))
    hidden = data.draw(st.booleans())
    decoder = IncrementalDecoder(small, skip_special_tokens=hidden)
    pieces = [decoder.push(ids[a:b]) for a, b in zip([0, *cuts], [*cuts, len(ids)], strict=True)]
    raw = b"".join(small.token_bytes(i) for i in ids if not (hidden and i in small.special_ids))
    assert "".join(pieces) + decoder.flush() == raw.decode("utf-8", "replace") == small.decode(ids, hidden)
    assert small.decode(ids, hidden) == small.backend.decode(
        [i for i in ids if i < small.vocab_size], skip_special_tokens=hidden
    )


def test_half_a_character_waits_for_the_rest(small: Tokenizer) -> None:
    ids = small.encode("é🙂")
    assert len(ids) > 2
    decoder = IncrementalDecoder(small)
    shown = [decoder.push([i]) for i in ids]
    assert "".join(shown) == "é🙂"
    assert "\ufffd" not in "".join(shown)
    assert decoder.push(ids[:-1]) == "é"
    assert decoder.flush() == "\ufffd"
    assert decoder.push(ids) == "é🙂"


def test_digits_stand_alone_and_tags_are_tokens(small: Tokenizer) -> None:
    assert small.decode([small.encode("1234")[1]]) == "2"
    ids = small.encode("<|im_start|><think>\n</think><tool_call></tool_call><|im_end|>")
    assert ids[0] == small.im_start_id
    assert (ids[1], ids[3]) == (small.think_open_id, small.think_close_id)
    assert (ids[4], ids[5]) == (small.tool_call_open_id, small.tool_call_close_id)
    assert ids[6] == small.im_end_id
    assert small.decode(ids, skip_special_tokens=True) == "<think>\n</think><tool_call></tool_call>"


def test_added_tokens_end_the_vocabulary(small: Tokenizer) -> None:
    first = small.vocab_size - len(QWEN3_ADDED)
    for place, token in enumerate(QWEN3_ADDED):
        assert small.token_to_id(token.text) == first + place
        assert (first + place in small.special_ids) is token.special
    assert small.eos_ids == {small.im_end_id, small.token_to_id("<|endoftext|>")}
    assert small.pad_id == small.token_to_id("<|endoftext|>")


def test_training_is_deterministic_and_bounded() -> None:
    one, two = train_bpe(TEXTS * 5, 400), train_bpe(iter(TEXTS * 5), 400)
    assert one.vocab_size == 400
    assert one.backend.to_str() == two.backend.to_str()
    with pytest.raises(YunqiError, match="vocab_size"):
        train_bpe(TEXTS, 200)


def test_lone_surrogates_are_replaced_and_pairs_joined(small: Tokenizer) -> None:
    assert small.decode(small.encode("a\ud800b")) == "a\ufffdb"
    assert small.decode(small.encode("\ud83d\ude42")) == "🙂"


def test_ids_beyond_the_vocabulary_are_silent(small: Tokenizer) -> None:
    assert small.decode([small.vocab_size + 7, -1]) == ""


def test_saved_and_loaded_it_is_the_same(small: Tokenizer, tmp_path: Path) -> None:
    templated = Tokenizer(small.backend, eos_ids=small.eos_ids, pad_id=small.pad_id, chat_template="{{ 1 }}")
    templated.save(tmp_path)
    loaded = Tokenizer.from_directory(tmp_path)
    assert loaded.backend.to_str() == small.backend.to_str()
    assert loaded.pad_id == small.pad_id
    assert loaded.eos_ids == {small.im_end_id}
    assert loaded.special_ids == small.special_ids
    assert loaded.chat_template == "{{ 1 }}"
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": sorted(small.eos_ids)}))
    assert Tokenizer.from_directory(tmp_path).eos_ids == small.eos_ids


def test_transformers_loads_what_we_save(small: Tokenizer, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    small.save(tmp_path)
    text = "It's 1234 <think>\n你好 e\u0301</think>\n\n<|im_end|>"
    for loader in (AutoTokenizer, PreTrainedTokenizerFast):
        theirs = loader.from_pretrained(tmp_path)
        assert theirs.encode(text) == small.encode(text)
        assert theirs.decode(small.encode(text), skip_special_tokens=True) == small.decode(small.encode(text), True)
        assert (theirs.eos_token, theirs.pad_token) == ("<|im_end|>", "<|endoftext|>")
        assert len(theirs) == small.vocab_size


def test_vocabulary_and_merges_are_enough(small: Tokenizer, tmp_path: Path) -> None:
    small.backend.model.save(str(tmp_path))
    assert (tmp_path / "merges.txt").is_file()
    loaded = Tokenizer.from_directory(tmp_path)
    text = "Hello 12 <think>世界<|im_end|>"
    assert loaded.encode(text) == small.encode(text)
    assert loaded.special_ids == small.special_ids
    small.save(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    assert Tokenizer.from_directory(tmp_path).encode(text) == small.encode(text)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "tokenizer-missing"),
        ({"tokenizer.json": "{"}, "tokenizer-unreadable"),
        ({"tokenizer.json": "[]"}, "tokenizer-unreadable"),
        ({"tokenizer.json": '{"decoder": null, "model": 3}'}, "tokenizer-unreadable"),
        ({"vocab.json": "nonsense", "merges.txt": ""}, "tokenizer-unreadable"),
        ({"qwen.tiktoken": "IQ== 0\nIg== x\n"}, "tokenizer-unreadable"),
        ({"qwen.tiktoken": "IQ== 0\nIg== 1\n"}, "tokenizer-unreadable"),
        ({"vocab.json": "{}", "merges.txt": "", "tokenizer_config.json": "{"}, "config-unreadable"),
        (
            {"vocab.json": "{}", "merges.txt": "", "tokenizer_config.json": '{"added_tokens_decoder": {"a": 1}}'},
            "tokenizer-unreadable",
        ),
    ],
)
def test_bad_folders_are_named(files: dict[str, str], code: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(YunqiError) as caught:
        Tokenizer.from_directory(tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("template", "expected"),
    [("a", "a"), ([{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}], "d"), (None, None)],
)
def test_the_template_may_stand_in_the_config(
    small: Tokenizer, tmp_path: Path, template: object, expected: str | None
) -> None:
    small.save(tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text()) | {"chat_template": template}
    config["eos_token"] = {"content": "<|endoftext|>"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    loaded = Tokenizer.from_directory(tmp_path)
    assert loaded.chat_template == expected
    assert loaded.eos_ids == {small.token_to_id("<|endoftext|>")}
    assert loaded.token_texts["eos_token"] == "<|endoftext|>"
