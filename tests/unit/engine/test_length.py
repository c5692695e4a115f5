"""The least number of tokens is never more than there are, and a text far too long is told without being tokenized."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.common.errors import YunqiError
from yunqi.engine import length
from yunqi.engine.length import least_tokens, refuse_hopeless
from yunqi.processing.build import train_bpe

TOKENIZER = train_bpe(["the answer is 42. I think so,  because\n\n40 + 2 = 42.\n"] * 5, 400)
pieces = st.sampled_from(
    ["the answer ", " is", "  ", "\n\n", "42", "e\u0301", "한", "<think>", "<thi", "nk>", "a", " x", "!\n"]
)


@settings(max_examples=200)
@given(st.lists(pieces, max_size=60).map("".join), st.integers(0, 30))
def test_the_least_is_never_too_many(text: str, enough: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(length, "_LONG", 0)
        assert least_tokens(text, TOKENIZER, enough) <= len(TOKENIZER.encode(text))


@pytest.mark.parametrize(
    "text", ["a" * 10_000_000, "the answer " * 1_000_000, "\u00e4" * 3_000_000, "e\u0301" * 3_000_000]
)
def test_a_huge_text_is_refused_without_tokenizing_it_all(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encode = TOKENIZER.encode
    monkeypatch.setattr(
        TOKENIZER, "encode", lambda part: encode(part) if len(part) < 100_000 else pytest.fail("all of it")
    )
    with pytest.raises(YunqiError, match="at least") as caught:
        refuse_hopeless([text], TOKENIZER, 4_000)
    assert caught.value.code == "prompt-too-long"


def test_many_texts_count_together_and_short_ones_pass() -> None:
    refuse_hopeless(["the answer " * 1_000], TOKENIZER, 10)  # short: its exact length is found soon enough
    with pytest.raises(YunqiError):
        refuse_hopeless(["the answer " * 1_000] * 100, TOKENIZER, 4_000)
