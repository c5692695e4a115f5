"""Native rendering equals the official templates, token for token with the real tokenizer. Needs `--data`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.golden.chat.make import begins_with_result, official_text
from tests.unit.processing import conversations
from yunqi.processing.chat import renderer_for
from yunqi.processing.chat.choose import STYLES
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.tokenizer import Tokenizer

NAMES = ("qwen2.5", "qwq", "qwen3", "qwen3-thinking-2507", "qwen3-instruct-2507", "qwen3-coder")
FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None, suppress_health_check=FIXTURES)
@given(
    messages=conversations.conversation,
    tools=conversations.tools,
    thinking=conversations.switch,
    prompt=st.booleans(),
)
def test_equals_the_official_template(
    name: str,
    real: Tokenizer,
    templates: dict[str, str],
    messages: list[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    thinking: bool | None,
    prompt: bool,
) -> None:
    assume(name != "qwen3-coder" or not begins_with_result(messages))
    switches = {"tools": tools, "enable_thinking": thinking, "add_generation_prompt": prompt}
    style = next(style for style in STYLES if style.name == name)
    rendered = NativeRenderer(style, real).render(messages, **switches)
    expected = official_text(templates[name], messages, **switches)
    assert rendered.text == expected
    assert rendered.token_ids == real.encode(expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_official_template_selects_its_native_renderer(
    name: str, real: Tokenizer, templates: dict[str, str]
) -> None:
    renderer = renderer_for(Tokenizer(real.backend, chat_template=templates[name]))
    assert renderer is not None
    assert renderer.name == name


def test_a_changed_template_is_rendered_as_it_is(real: Tokenizer, templates: dict[str, str]) -> None:
    template = templates["qwen3"].replace("You may call one or more functions", "You may call functions")
    renderer = renderer_for(Tokenizer(real.backend, chat_template=template))
    assert renderer is not None
    assert (renderer.name, renderer.mode) == ("jinja", "hybrid")
    tools = [{"type": "function", "function": {"name": "f"}}]
    messages = [{"role": "user", "content": "Hi"}]
    expected = official_text(template, messages, tools=tools, add_generation_prompt=True)
    assert renderer.render(messages, tools=tools).text == expected
    assert [renderer.render(messages, enable_thinking=on).thinking for on in (None, True, False)] == [
        "auto",
        "auto",
        "off",
    ]


@pytest.mark.parametrize(("file", "form"), [("Qwen3-Coder", "qwen3_coder"), ("Qwen3.5-4B", "qwen3_coder")])
def test_a_template_says_how_calls_are_written(file: str, form: str, data_dir: Path, real: Tokenizer) -> None:
    template = (data_dir / "templates" / f"{file}.jinja").read_text(encoding="utf-8")
    renderer = renderer_for(Tokenizer(real.backend, chat_template=template))
    assert renderer is not None
    assert renderer.tool_format == form


def test_a_changed_coder_template_still_says_it(real: Tokenizer, templates: dict[str, str]) -> None:
    changed = {name: text.replace("You ", "Thou ").replace("you ", "thou ") for name, text in templates.items()}
    for name, template in changed.items():
        renderer = renderer_for(Tokenizer(real.backend, chat_template=template))
        assert renderer is not None
        assert (renderer.tool_format == "qwen3_coder") == (name == "qwen3-coder")
