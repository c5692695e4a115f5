"""Which renderer a checkpoint needs.

A native renderer is taken only if it writes what the checkpoint's template writes, shown on probe conversations; the
template itself is the fallback. Without a template, the model's name and then its architecture decide.
"""

from __future__ import annotations

from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.processing.chat.chatml import CHATML, QWEN, QWEN25
from yunqi.processing.chat.native import NativeRenderer, Style
from yunqi.processing.chat.qwen3 import QWEN3, QWEN3_INSTRUCT, QWEN3_THINKING
from yunqi.processing.chat.qwen3_coder import QWEN3_CODER
from yunqi.processing.chat.qwq import QWQ
from yunqi.processing.chat.rendered import ChatRenderer
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import as_messages

STYLES: tuple[Style, ...] = (QWEN3, QWEN3_THINKING, QWEN3_INSTRUCT, QWEN3_CODER, QWEN25, QWQ, CHATML, QWEN)

_BY_ARCHITECTURE: dict[str, Style] = {
    "QWenLMHeadModel": QWEN,
    "Qwen2ForCausalLM": QWEN25,
    "Qwen2MoeForCausalLM": CHATML,
    "Qwen3ForCausalLM": QWEN3,
    "Qwen3MoeForCausalLM": QWEN3,
    "Qwen3NextForCausalLM": QWEN3_INSTRUCT,
}
_BY_NAME: tuple[tuple[str, str, Style], ...] = (
    ("Qwen3ForCausalLM", "thinking-2507", QWEN3_THINKING),
    ("Qwen3ForCausalLM", "instruct-2507", QWEN3_INSTRUCT),
    ("Qwen3MoeForCausalLM", "thinking-2507", QWEN3_THINKING),
    ("Qwen3MoeForCausalLM", "instruct-2507", QWEN3_INSTRUCT),
    ("Qwen3MoeForCausalLM", "coder", QWEN3_CODER),
    ("Qwen3NextForCausalLM", "thinking", QWEN3_THINKING),
    ("Qwen3NextForCausalLM", "coder", QWEN3_CODER),
    ("Qwen2ForCausalLM", "qwq", QWQ),
)

_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather <now> & here: 天气",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_CALL = {"type": "function", "function": {"name": "weather", "arguments": {"city": "Köln", "days": [1, 2.5, None]}}}
_ASK = {"role": "user", "content": "How warm is it?"}
_SYSTEM = {"role": "system", "content": "Be brief."}
_RESULT = {"role": "tool", "content": '{"degrees": 7}'}


def renderer_for(
    tokenizer: Tokenizer, *, architecture: str | None = None, name: str | None = None
) -> ChatRenderer | None:
    """The renderer of a checkpoint; None where nothing says how it chats."""
    if tokenizer.chat_template is not None:
        return _matching(tokenizer)
    if tokenizer.im_start_id is None:
        return None
    for known, part, style in _BY_NAME:
        if architecture == known and part in (name or "").lower():
            return NativeRenderer(style, tokenizer)
    style = _BY_ARCHITECTURE.get(architecture or "")
    return None if style is None else NativeRenderer(style, tokenizer)


def _matching(tokenizer: Tokenizer) -> ChatRenderer:
    # Imported here: who has no template need not wait for jinja2.
    from yunqi.processing.chat.jinja import JinjaRenderer

    template = JinjaRenderer(tokenizer)
    candidates = [NativeRenderer(style, tokenizer) for style in STYLES] if tokenizer.im_start_id is not None else []
    for probe in _probes():
        if not candidates:
            break
        switches = {key: probe[key] for key in ("tools", "enable_thinking") if probe.get(key) is not None}
        prompt = bool(probe["add_generation_prompt"])
        try:
            expected = template.text(probe["messages"], add_generation_prompt=prompt, **switches)
        except YunqiError:
            return template
        candidates = [renderer for renderer in candidates if renderer.render(**probe).text == expected]
    return candidates[0] if candidates else template


def _probes() -> list[dict[str, Any]]:
    """Conversations that tell the known formats, and most changes to them, apart."""
    return [
        {"messages": messages, "tools": tools, "enable_thinking": thinking, "add_generation_prompt": prompt}
        for messages in map(as_messages, _CONVERSATIONS)
        for tools in (None, [_TOOL, _TOOL])
        for thinking in (None, True, False)
        for prompt in (True, False)
    ]


def _said(content: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


_CONVERSATIONS: tuple[list[dict[str, Any]], ...] = (
    [_ASK],
    [_SYSTEM, _ASK],
    [{"role": "system", "content": ""}, _ASK],
    [_ASK, _said("Warm."), _ASK],
    [_ASK, _said("<think>\nHm.\n</think>\n\nWarm."), _SYSTEM, _ASK, _said("\nStill.")],
    [_ASK, _said("Warm.", reasoning_content="\nHm.\n"), _ASK, _said("\n Still.", reasoning_content="So.")],
    [_SYSTEM, _ASK, _said("<think>\nHm.\n</think>\n\nWarm.", tool_calls=[_CALL]), _RESULT],
    [_ASK, _said("", tool_calls=[_CALL, _CALL]), _RESULT, _RESULT, _said("7", reasoning_content="Seven."), _ASK],
    [_ASK, _said("", reasoning_content="Look.", tool_calls=[_CALL]), _RESULT, _said("I look.", tool_calls=[_CALL])],
    [_ASK, _said("A"), {"role": "user", "content": "<tool_response>\n7\n</tool_response>"}, _said("B"), _RESULT],
)
