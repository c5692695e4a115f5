"""The converted rank file equals byte-pair encoding done straight from the ranks, by the small program below."""

from __future__ import annotations

import json
import shutil
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

from yunqi.processing.tiktoken_ranks import read_ranks
from yunqi.processing.tokenizer import Tokenizer

OFFICIAL_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
WORDS = (
    "Hello",
    " the",
    "国",
    "你好吗",
    "’s",
    "'LL",
    "internationalization",
    "    ",
    "\n\n",
    "=====",
    "🙂",
    "e\u0301",
    "ﬁ",
)
texts = st.lists(st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12)


@pytest.fixture(scope="module")
def ranks(data_dir: Path) -> dict[bytes, int]:
    return read_ranks(data_dir / "tokenizer" / "qwen.tiktoken")


def merged(piece: bytes, ranks: dict[bytes, int]) -> list[int]:
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while True:
        pairs = [ranks.get(left + right, len(ranks)) for left, right in pairwise(parts)]
        if min(pairs, default=len(ranks)) == len(ranks):
            return [ranks[part] for part in parts]
        place = pairs.index(min(pairs))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts.map("".join))
def test_encodes_as_the_ranks_say(real: Tokenizer, ranks: dict[bytes, int], text: str) -> None:
    splitter = Split(Regex(OFFICIAL_PATTERN), "isolated")
    pieces = [piece for piece, _ in splitter.pre_tokenize_str(unicodedata.normalize("NFC", text))]
    assert real.encode(text) == [i for piece in pieces for i in merged(piece.encode(), ranks)]


def test_known_ids(real: Tokenizer) -> None:
    assert real.vocab_size == 151669
    ends = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645, "<|video_pad|>": 151656}
    tags = {"<tool_call>": 151657, "<|fim_prefix|>": 151659, "</tool_response>": 151666, "</think>": 151668}
    assert {text: real.token_to_id(text) for text in ends | tags} == ends | tags
    assert real.special_ids == frozenset(range(151643, 151657))
    assert real.encode("Hello world!") == [9707, 1879, 0]
    assert real.decode([108386]) == "你好"


def test_every_token_is_its_rank(real: Tokenizer, ranks: dict[bytes, int]) -> None:
    assert all(real.token_bytes(rank) == token for token, rank in ranks.items())


@pytest.mark.parametrize(("model_type", "size", "specials"), [("qwen", 151851, 208), ("qwen3", 151669, 14)])
def test_a_folder_with_ranks_only(model_type: str, size: int, specials: int, data_dir: Path, tmp_path: Path) -> None:
    shutil.copy(data_dir / "tokenizer" / "qwen.tiktoken", tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    tokenizer = Tokenizer.from_directory(tmp_path)
    assert (tokenizer.vocab_size, len(tokenizer.special_ids)) == (size, specials)
    assert tokenizer.eos_ids == {151643, 151645}
