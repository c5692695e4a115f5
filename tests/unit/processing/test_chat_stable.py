"""The next turn's tokens begin with every stable prefix of this turn's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.golden.chat.make import official_text
from tests.unit.processing import conversations
from yunqi.processing.chat.choose import STYLES
from yunqi.processing.chat.jinja import JinjaRenderer
from yunqi.processing.chat.native import NativeRenderer, Style
from yunqi.processing.chat.rendered import ChatRenderer
from yunqi.processing.tokenizer import Tokenizer

RELAXED = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ASK = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Yes", "reasoning_content": "Hm"}
by_style = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)


def check(renderer: ChatRenderer, messages: list[Any], more: list[Any], **switches: Any) -> None:
    prompt = switches.pop("add_generation_prompt", True)
    now = renderer.render(messages, add_generation_prompt=prompt, **switches)
    later = renderer.render([*messages, *more], **switches)
    assert list(now.stable_lengths) == sorted(set(now.stable_lengths))
    for length in now.stable_lengths:
        assert later.token_ids[:length] == now.token_ids[:length]


@by_style
@RELAXED
@given(
    messages=conversations.conversation,
    more=conversations.continuation,
    tools=conversations.tools,
    thinking=conversations.switch,
    preserve=st.booleans(),
    prompt=st.booleans(),
)
@example(messages=[ASK, ANSWER, ASK], more=[ANSWER, ASK], tools=None, thinking=None, preserve=False, prompt=True)
def test_stable_lengths_hold_in_the_next_turn(
    style: Style,
    small: Tokenizer,
    messages: list[Any],
    more: list[Any],
    tools: list[Any] | None,
    thinking: bool | None,
    preserve: bool,
    prompt: bool,
) -> None:
    renderer = NativeRenderer(style, small)
    switches = {"tools": tools, "enable_thinking": thinking, "preserve_thinking": preserve}
    check(renderer, messages, more, add_generation_prompt=prompt, **switches)


@RELAXED
@given(messages=conversations.conversation, more=conversations.continuation, tools=conversations.tools)
def test_stable_lengths_hold_with_the_real_tokenizer(
    real: Tokenizer, messages: list[Any], more: list[Any], tools: list[Any] | None
) -> None:
    for style in STYLES:
        check(NativeRenderer(style, real), messages, more, tools=tools)


@pytest.mark.parametrize("file", ["Qwen3-Coder", "Qwen3.5-4B", "deepseek-ai-DeepSeek-V3.1"])
@settings(RELAXED, max_examples=40)
@given(messages=conversations.conversation, answer=conversations.assistant(), tools=conversations.tools)
def test_templates_we_do_not_know_render_as_they_are(
    file: str, data_dir: Path, real: Tokenizer, messages: list[Any], answer: dict[str, Any], tools: list[Any] | None
) -> None:
    template = (data_dir / "templates" / f"{file}.jinja").read_text(encoding="utf-8")
    named = {"bos_token": "<s>", "eos_token": "<|im_end|>"}
    renderer = JinjaRenderer(Tokenizer(real.backend, chat_template=template, token_texts=named))
    messages = [ASK, *messages]
    try:
        expected = official_text(template, messages, tools=tools, add_generation_prompt=True, **named)
        official_text(template, [*messages, answer, ASK], tools=tools, **named)
    except (jinja2.TemplateError, TypeError):
        return
    rendered = renderer.render(messages, tools=tools)
    longer = renderer.render([*messages, answer, ASK], tools=tools)
    assert (rendered.text, rendered.token_ids) == (expected, real.encode(expected))
    assert all(longer.token_ids[:n] == rendered.token_ids[:n] for n in rendered.stable_lengths)


@by_style
def test_all_before_the_generation_prompt_is_stable(style: Style, small: Tokenizer) -> None:
    renderer = NativeRenderer(style, small)
    messages = [ASK, {"role": "assistant", "content": "Yes"}, ASK]
    whole = renderer.render(messages, add_generation_prompt=False)
    assert renderer.render(messages).stable_lengths[-1] == len(whole.token_ids)


def test_a_thought_after_the_last_question_is_not_stable_unless_kept(small: Tokenizer) -> None:
    style = next(style for style in STYLES if style.name == "qwen3")
    renderer = NativeRenderer(style, small)
    call = ANSWER | {"tool_calls": [{"function": {"name": "f", "arguments": {}}}]}
    messages = [ASK, call, {"role": "tool", "content": "7"}]
    question = renderer.render([ASK], add_generation_prompt=False)
    dropped = renderer.render(messages)
    assert dropped.stable_lengths == (len(question.token_ids),)
    kept = renderer.render(messages, preserve_thinking=True)
    assert kept.stable_lengths[-1] == len(renderer.render(messages, add_generation_prompt=False).token_ids)


@RELAXED
@given(messages=conversations.conversation, more=conversations.continuation)
def test_templates_of_a_checkpoint_keep_the_promise_too(small: Tokenizer, messages: list[Any], more: list[Any]) -> None:
    template = (
        "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' }}"
        "{%- if loop.last and m.reasoning_content is defined %}{{- '<think>' + m.reasoning_content + '</think>' }}"
        "{%- endif %}{{- m.content + '<|im_end|>\\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
    )
    renderer = JinjaRenderer(Tokenizer(small.backend, chat_template=template))
    check(renderer, messages, more)
    assert renderer.render([ASK]).stable_lengths == (len(small.encode("<|im_start|>user\nHi<|im_end|>\n")),)
