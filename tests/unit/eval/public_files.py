"""Small public sets in the published formats, with questions of our own, and a model that answers them by heart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.processing.chat.rendered import Mode
from yunqi.protocol.messages import Message, ToolCall
from yunqi.protocol.output import CompletionOutput, RequestMetrics, RequestOutput
from yunqi.protocol.sampling import SamplingParams

GSM8K = [
    {
        "question": "A hen lays 6 eggs a day. How many in 200 days?",
        "answer": "It is 6*200 = <<6*200=1200>>1200.\n#### 1,200",
    },
    {
        "question": "Ines owes 5 and pays 2. What is her balance?",
        "answer": "First 2.\nThen 2-5 = <<2-5=-3>>-3.\n#### -3",
    },
]
MATH = [
    {
        "problem": "Halve one.",
        "solution": "",
        "answer": "\\frac{1}{2}",
        "subject": "Prealgebra",
        "level": 1,
        "unique_id": "a",
    },
    {
        "problem": "Solve $x^2 = 3$.",
        "solution": "",
        "answer": "\\pm \\sqrt{3}",
        "subject": "Algebra",
        "level": 4,
        "unique_id": "b",
    },
    {
        "problem": "Which way?",
        "solution": "",
        "answer": "\\text{west}",
        "subject": "Algebra",
        "level": 1,
        "unique_id": "c",
    },
]
CRUX = [
    {"code": "def f(xs):\n    return xs[::-1]", "input": "[1, 'a']", "output": "['a', 1]", "id": "sample_0"},
    {"code": "def f():\n    return {}", "input": "", "output": "{}", "id": "sample_1"},
]
LAMP = {
    "name": "lamp.set",
    "description": "Sets a lamp.",
    "parameters": {
        "type": "dict",
        "properties": {
            "room": {"type": "string", "description": "Which room."},
            "level": {"type": "float"},
            "steps": {"type": "integer"},
            "colours": {"type": "tuple", "items": {"type": "any"}},
            "type": {"type": "dict", "properties": {"kind": {"type": "string"}, "watts": {"type": "float"}}},
        },
        "required": ["room", "level"],
    },
}
BFCL = {
    "simple_python": [
        {"id": "simple_python_0", "question": [[{"role": "user", "content": "Dim the hall."}]], "function": [LAMP]}
    ],
    "parallel": [
        {"id": "parallel_0", "question": [[{"role": "user", "content": "Dim hall and attic."}]], "function": [LAMP]}
    ],
    "irrelevance": [
        {"id": "irrelevance_0", "question": [[{"role": "user", "content": "What is love?"}]], "function": [LAMP]}
    ],
}
HALL = {"lamp.set": {"room": ["hall", "the hall"], "level": [0.5], "steps": ["", 2]}}
ATTIC = {"lamp.set": {"room": ["attic"], "level": [0.5]}}
ANSWERS = {
    "simple_python": [{"id": "simple_python_0", "ground_truth": [HALL]}],
    "parallel": [{"id": "parallel_0", "ground_truth": [HALL, ATTIC]}],
}


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def write_sets(folder: Path) -> Path:
    """All four sets below a folder."""
    texts = {
        "gsm8k/test.jsonl": lines(GSM8K) + "\n",
        "math500/math500_test.json": json.dumps(MATH),
        "cruxeval/cruxeval.jsonl": lines(CRUX),
    }
    texts |= {f"bfcl/BFCL_v4_{category}.json": lines(rows) for category, rows in BFCL.items()}
    texts |= {f"bfcl/possible_answer/BFCL_v4_{category}.json": lines(rows) for category, rows in ANSWERS.items()}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def lamp(room: str, **more: Any) -> ToolCall:
    return ToolCall(name="lamp.set", arguments={"room": room, "level": 0.5} | more)


def said(text: str = "", *calls: ToolCall) -> CompletionOutput:
    return CompletionOutput(index=0, text=text, tool_calls=calls)


REPLIES = {
    "A hen": said("So it is \\boxed{1200} eggs."),
    "Ines": said("She has -3."),
    "Halve": said("It is \\boxed{0.5}."),
    "Solve": said("Thus \\boxed{-\\sqrt3, \\sqrt3}."),
    "Which way": said("\\boxed{\\text{West}}"),
    "xs[::-1]": said("[ANSWER]\nassert f([1, 'a']) == ['a', 1]\n[/ANSWER]"),
    "return {}": said("[ANSWER]assert f() == dict()[/ANSWER]"),
    "Dim the hall": said("", lamp("Hall")),
    "Dim hall and": said("", lamp("attic"), lamp("hall")),
    "What is love": said("Nobody knows."),
}


@dataclass
class Knows:
    """Right where it thinks, except that it calls a function where a literal is asked for; at once it says nothing.

    What is longer than `context` characters does not fit; `short` cuts every answer off.
    """

    thinking_mode: Mode = "hybrid"
    context: int = 10_000
    short: bool = False
    asked: list[tuple[str, bool | None, SamplingParams]] = field(default_factory=list)

    def get_tokenizer(self) -> None: ...

    def chat(
        self,
        messages: Sequence[Sequence[Message]],
        sampling_params: Sequence[SamplingParams],
        *,
        tools: Any = None,
        enable_thinking: bool | None = None,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        texts = [conversation[-1].text for conversation in messages]
        for text in texts:
            if len(text) > self.context:
                raise YunqiError("prompt-too-long", length=len(text), limit=self.context)
        rows = zip(texts, sampling_params, tools, strict=True)
        return [self._output(text, params, own, enable_thinking) for text, params, own in rows]

    def _output(self, text: str, params: SamplingParams, tools: Sequence[Any], thinking: bool | None) -> RequestOutput:
        self.asked.append((text, thinking, params))
        (known,) = (reply for start, reply in REPLIES.items() if start in text)
        assert bool(tools) == (text.startswith("Dim") or "love" in text)
        thought = 0 if not thinking else 30 if params.thinking_budget is None else params.thinking_budget
        reply = said(known.text, *known.tool_calls) if thought else said("Hm.")
        reply.num_reasoning_tokens, reply.token_ids = thought, [0] * (thought + 4)
        reply.finish_reason = "length" if self.short else "stop"
        metrics = RequestMetrics(arrival_time=0.0)
        return RequestOutput(
            request_id="1", prompt=None, prompt_token_ids=[], outputs=[reply], finished=True, metrics=metrics
        )
