"""The template of the checkpoints we train writes what the native renderer writes."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.processing import conversations
from yunqi.processing.chat import renderer_for
from yunqi.processing.chat.jinja import JinjaRenderer
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.own import qwen3_template
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.processing.tokenizer import Tokenizer


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=conversations.conversation,
    tools=conversations.tools,
    thinking=conversations.switch,
    prompt=st.booleans(),
)
def test_equals_the_native_renderer(
    small: Tokenizer,
    messages: list[dict[str, Any]],
    tools: list[dict[str, Any]] | None,
    thinking: bool | None,
    prompt: bool,
) -> None:
    switches = {"tools": tools, "enable_thinking": thinking, "add_generation_prompt": prompt}
    template = JinjaRenderer(Tokenizer(small.backend, chat_template=qwen3_template()))
    assert template.render(messages, **switches).text == NativeRenderer(QWEN3, small).render(messages, **switches).text


def test_it_selects_the_native_renderer(small: Tokenizer) -> None:
    renderer = renderer_for(Tokenizer(small.backend, chat_template=qwen3_template()))
    assert renderer is not None
    assert renderer.name == "qwen3"
