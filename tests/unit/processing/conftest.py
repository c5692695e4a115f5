from __future__ import annotations

from pathlib import Path

import pytest

from yunqi.processing.build import train_bpe
from yunqi.processing.tiktoken_ranks import from_tiktoken
from yunqi.processing.tokenizer import Tokenizer

TEXTS = (
    "The quick brown fox jumps over the lazy dog. It isn't 42, it's 1234 + 5678 = 6912!\n",
    'assistant\nuser\nsystem\n{"name": "add", "arguments": {"a": 1, "b": [true, null]}}\n\n',
    "你好，世界。今天天气怎么样？\n  indented\n\n\n    more\n",
)


@pytest.fixture(scope="session")
def small() -> Tokenizer:
    """A tokenizer of Qwen's kind with few merges."""
    return train_bpe(TEXTS * 5, 420)


@pytest.fixture(scope="session")
def real(data_dir: Path) -> Tokenizer:
    """The family's real tokenizer."""
    return Tokenizer(from_tiktoken(data_dir / "tokenizer" / "qwen.tiktoken"))


@pytest.fixture(scope="session")
def templates(data_dir: Path) -> dict[str, str]:
    """The official templates, under our renderers' names."""
    from tests.golden.chat.make import official_templates

    return official_templates(data_dir)
