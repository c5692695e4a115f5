"""Making a model call a tool: after its thought only the tokens that begin a call of an allowed tool may come.

It goes as far as the tool's name and what always follows it. Which of the tools it is, is the model's choice; what
follows is held to the schema by `yunqi.engine.grammar`. While the thought lasts no call can begin, which would end it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yunqi.common.errors import YunqiError
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Tool
from yunqi.protocol.requests import ToolChoice

if TYPE_CHECKING:
    from yunqi.engine.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolPlan:
    """How a call may begin, as plain data: token sequences, one for each allowed tool, each from the call's tag on.

    `think_open_id` may come first where the model opens its thought itself; `lead` stands between the end of a thought
    and the call.
    """

    beginnings: tuple[tuple[int, ...], ...]
    think_open_id: int | None = None
    think_close_id: int | None = None
    lead: tuple[int, ...] = ()

    @property
    def call_id(self) -> int:
        return self.beginnings[0][0]


class ToolForcing:
    """Follows one answer. Asked before each draw."""

    def __init__(self, plan: ToolPlan) -> None:
        self._plan = plan
        self._start: int | None = None  # where the call begins, lead included
        self._beginnings = plan.beginnings
        self._done = False

    def allowed(self, request: Request) -> frozenset[int] | None:
        """The tokens of which the next must be one; None for any."""
        if self._done:
            return None
        if not self._started(request):
            opens = self._plan.think_open_id if request.num_outputs == 0 else None
            return None if opens is None else frozenset({opens, self._plan.call_id})
        written = tuple(request.token_ids[self._start :])
        fitting = [ids[len(written)] for ids in self._beginnings if ids[: len(written)] == written != ids]
        self._done = not fitting
        return frozenset(fitting) or None

    def banned(self, request: Request) -> frozenset[int]:
        """What may not come next: in a thought, a call."""
        thinks = request.thinking is not None and not request.thinking.owes_answer
        return frozenset({self._plan.call_id}) if self._start is None and thinks else frozenset()

    def _started(self, request: Request) -> bool:
        """Whether the call has begun or must begin now."""
        if self._start is not None:
            return True
        tokens, thinking = request.token_ids, request.thinking
        if thinking is not None and not thinking.owes_answer:
            if request.num_outputs == 1 and tokens[-1] == self._plan.call_id:  # it chose not to think
                self._start = len(tokens) - 1
        elif thinking is None or self._plan.think_open_id is None or request.num_outputs > 0:
            self._start = len(tokens)
            if request.num_outputs > 0 and tokens[-1] == self._plan.think_close_id:
                self._beginnings = tuple(self._plan.lead + ids for ids in self._plan.beginnings)
        return self._start is not None


def tool_plan(
    choice: ToolChoice,
    tools: tuple[Tool, ...],
    tokenizer: Tokenizer,
    *,
    opens_thought: bool,
    tool_format: str = "hermes",
) -> ToolPlan:
    """The plan of a choice that asks for a call: of the named tool, or of any. Raises `tool-choice-invalid`."""
    names = [tool.name for tool in tools]
    if not names:
        raise YunqiError("tool-choice-invalid", reason="there are no tools to call", rule="Send tools along.")
    if choice.name is not None and choice.name not in names:
        raise YunqiError(
            "tool-choice-invalid", reason=f"no tool is called '{choice.name}'", rule=f"Name one of: {', '.join(names)}."
        )
    call_id = tokenizer.tool_call_open_id
    if call_id is None:
        reason = "this model's tokenizer has no token that begins a call"
        raise YunqiError("tool-choice-invalid", reason=reason, rule="Leave the choice to the model.")
    allowed = names if choice.name is None else [choice.name]
    texts = [_beginning(name, tool_format) for name in dict.fromkeys(allowed)]
    return ToolPlan(
        beginnings=tuple((call_id, *tokenizer.encode(text)) for text in texts),
        think_open_id=tokenizer.think_open_id if opens_thought else None,
        think_close_id=tokenizer.think_close_id,
        lead=tuple(tokenizer.encode("\n\n")),
    )


def _beginning(name: str, tool_format: str) -> str:
    """The text after the tag, as far as no token joins its end with what follows: the arguments begin freely."""
    if tool_format == "qwen3_coder":
        return f"\n<function={name}>\n"
    return f'\n{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments":'
