"""Write `goldens.json`: conversations as the official chat templates render them.

    python -m tests.golden.chat.make --data DIR

DIR holds `templates/`. The renderer is the one of transformers, so that nothing of ours has a part in the expected
texts. The two 2507 variants of Qwen3 share its template but for the generation prompt, which is put in here.
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

FILES = {
    "qwen2.5": "Qwen-Qwen2.5-7B-Instruct.jinja",
    "qwq": "Qwen-QwQ-32B.jinja",
    "qwen3": "Qwen-Qwen3-0.6B.jinja",
    "qwen3-coder": "Qwen3-Coder.jinja",
}
_GENERATION = "{%- if add_generation_prompt %}"
_VARIANTS = {
    "qwen3-thinking-2507": "<|im_start|>assistant\\n<think>\\n",
    "qwen3-instruct-2507": "<|im_start|>assistant\\n",
}

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": 'Weather of a city, in °C. Not <b>forecasts</b> & "guesses".',
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
            "required": ["city"],
        },
    },
}
RICH_TOOL = {
    "type": "function",
    "function": {
        "name": "edit",
        "description": "  Writes a file.\n",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": " Where <it> is. ", "minLength": 1},
                "mode": {"type": ["string", "null"], "enum": ["w", "a"], "default": None},
                "lines": {"type": "array", "items": {"type": "string"}, "uniqueItems": False},
                "anything": {},
            },
            "required": ["path", "mode"],
            "additionalProperties": False,
            "$defs": {"é": {"type": "number"}},
        },
    },
}
CALL = {"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}}
EDIT = {
    "type": "function",
    "function": {
        "name": "edit",
        "arguments": {
            "path": "a.py",
            "mode": None,
            "lines": ["x = 1\n", "é"],
            "anything": "if a < b:\n    pass\n",
            "yes": True,
        },
    },
}
NO_ARGUMENTS = {"type": "function", "function": {"name": "edit", "arguments": {}}}
OTHER_CALL = {"type": "function", "function": {"name": "get_weather", "arguments": {"city": "北京", "x": [1.5, None]}}}


def _say(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


CONVERSATIONS: tuple[list[dict[str, Any]], ...] = (
    [_say("user", "What is 2 + 2?")],
    [_say("system", "Be brief."), _say("user", "Hi /no_think")],
    [_say("system", ""), _say("user", "")],
    [_say("system", "You calculate.")],
    [_say("user", "1+1?"), _say("assistant", "2", reasoning_content="Easy."), _say("user", "And 2+2?")],
    [
        _say("user", "1+1?"),
        _say("assistant", "<think>\nOne and one.\n</think>\n\n2"),
        _say("user", "And 2+2? /think"),
        _say("assistant", "\n\n4", reasoning_content="\nTwo and two.\n\n"),
    ],
    [_say("user", "Hello"), _say("assistant", "Hi there"), _say("system", "Now in French."), _say("user", "Hello")],
    [
        _say("system", "Use tools."),
        _say("user", "Weather in Zürich and 北京?"),
        _say("assistant", "", reasoning_content="Two calls.", tool_calls=[CALL, OTHER_CALL]),
        _say("tool", '{"degrees": 7}'),
        _say("tool", "-3"),
    ],
    [
        _say("user", "Weather?"),
        _say("assistant", "I look it up.", tool_calls=[CALL]),
        _say("tool", "rain"),
        _say("assistant", "Once more.", reasoning_content="Hm.", tool_calls=[OTHER_CALL]),
        _say("tool", "sun"),
        _say("assistant", "Rain, then sun.", reasoning_content="Done."),
    ],
    [
        _say("user", "Weather?"),
        _say("assistant", "<think>\nLook.\n</think>\n\n", tool_calls=[CALL]),
        _say("tool", "rain"),
        _say("assistant", "Rain."),
        _say("user", "Thanks"),
    ],
    [
        _say("user", "Edit."),
        _say("assistant", "  So be it.\n\n", tool_calls=[EDIT, NO_ARGUMENTS]),
        _say("tool", "ok\n"),
    ],
    [_say("tool", "orphan"), _say("user", "What was that?")],
    [_say("assistant", "I begin.", reasoning_content="Why not."), _say("assistant", "And go on.")],
    [
        _say("user", "Run it"),
        _say("assistant", "Running", reasoning_content="r1"),
        _say("user", "<tool_response>\nok\n</tool_response>"),
    ],
    [_say("user", "<|im_start|> and </think> are tags\r\n\tof ChatML   "), _say("assistant", "Yes</think>\n\n\nNo")],
)


def official_templates(data: Path) -> dict[str, str]:
    """The templates under our renderers' names."""
    found = {name: (data / "templates" / file).read_text(encoding="utf-8") for name, file in FILES.items()}
    body, _, _ = found["qwen3"].rpartition(_GENERATION)
    for name, prompt in _VARIANTS.items():
        found[name] = f"{body}{_GENERATION}\n    {{{{- '{prompt}' }}}}\n{{%- endif %}}"
    return found


def begins_with_result(messages: list[dict[str, Any]]) -> bool:
    """Whether a tool's result comes first: the template of Qwen3-Coder then opens no turn, and ours does."""
    roles = [message["role"] for message in messages]
    return roles[roles[0] == "system" :][:1] == ["tool"]


def official_text(template: str, messages: list[dict[str, Any]], **switches: Any) -> str:
    """What transformers makes of the template."""
    from transformers.utils.chat_template_utils import render_jinja_template

    switches = {name: value for name, value in switches.items() if value is not None or name == "tools"}
    texts, _ = render_jinja_template(conversations=[messages], chat_template=template, **switches)
    return texts[0]


def goldens(data: Path) -> list[dict[str, Any]]:
    """Every template and conversation, in every setting that changes it."""
    rows: list[dict[str, Any]] = []
    for (name, template), messages in product(official_templates(data).items(), CONVERSATIONS):
        if name == "qwen3-coder" and begins_with_result(messages):
            continue
        seen: set[tuple[bool, str]] = set()
        for tools, thinking, prompt in product((None, [TOOL, RICH_TOOL]), (None, True, False), (True, False)):
            settings = {"tools": tools, "enable_thinking": thinking, "add_generation_prompt": prompt}
            text = official_text(template, messages, **settings)
            if (prompt, text) not in seen:
                seen.add((prompt, text))
                rows.append({"template": name, "messages": messages, **settings, "text": text})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    lines = (json.dumps(row, ensure_ascii=False) for row in goldens(parser.parse_args().data))
    target = Path(__file__).with_name("goldens.json")
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
