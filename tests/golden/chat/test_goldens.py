from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden.chat.make import goldens
from yunqi.processing.build import train_bpe
from yunqi.processing.chat.choose import STYLES
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.tokenizer import Tokenizer

FILE = Path(__file__).with_name("goldens.json")
ROWS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
NAMES = ("qwen2.5", "qwq", "qwen3", "qwen3-thinking-2507", "qwen3-instruct-2507", "qwen3-coder")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_bpe(["user assistant system weather\n"] * 3, 300)


@pytest.mark.parametrize("name", NAMES)
def test_renders_as_the_official_template(name: str, tokenizer: Tokenizer) -> None:
    renderer = next(NativeRenderer(style, tokenizer) for style in STYLES if style.name == name)
    rows = [row for row in ROWS if row["template"] == name]
    assert len(rows) >= 40
    for row in rows:
        switches = {key: row[key] for key in ("tools", "enable_thinking", "add_generation_prompt")}
        rendered = renderer.render(row["messages"], **switches)
        assert rendered.text == row["text"]
        assert rendered.token_ids == tokenizer.encode(row["text"])


def test_goldens_are_what_the_templates_say(data_dir: Path) -> None:
    assert goldens(data_dir) == ROWS
