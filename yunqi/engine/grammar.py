"""Holding an answer to a grammar: which tokens may come next, so that JSON is of its schema and calls are whole.

A plan may hold the answer to a schema, the calls to their functions' schemas, or both; then the model chooses whether
it answers or calls. Nothing is held inside a thought, where no call can begin either. The grammar's state follows the
tokens of the request, and is a function of them alone.

Masks come from llguidance, which is imported where the first grammar is compiled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from yunqi.engine.grammar_text import answer_grammar, calls_grammar
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Tool
from yunqi.protocol.requests import ToolChoice

if TYPE_CHECKING:
    from yunqi.engine.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class GrammarPlan:
    """What to hold an answer to, as plain data.

    `answer` is the grammar of the text after the thought, `calls` that of a call between its tags `call_id` and
    `call_end_id`. `think_open_id` may come first where the model opens its thought itself; `lead` stands between the
    end of a thought and the answer; `line` is the token of a line end, which stands between two calls.
    """

    answer: str | None = None
    calls: str | None = None
    call_id: int | None = None
    call_end_id: int | None = None
    think_open_id: int | None = None
    think_close_id: int | None = None
    lead: tuple[int, ...] = ()
    line: int | None = None


class Grammars:
    """Compiled grammars for one tokenizer; a grammar is compiled once, and each answer gets a state of its own."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._words: Any = None
        self._compiled = lru_cache(maxsize=32)(self._compile)
        # A tag inside a string of JSON would be read as a tag; its text may stand there, spelt by other tokens.
        self.tags = np.asarray(sorted(tokenizer.added_ids), dtype=np.int64)

    def state(self, text: str) -> GrammarState:
        """The state of a grammar before its first token."""
        return GrammarState(self._compiled(text).deep_copy(), self.tags)

    def _compile(self, text: str) -> Any:
        from llguidance import LLMatcher, LLTokenizer

        words = self._tokenizer
        if self._words is None:
            self._words = LLTokenizer(words.backend.to_str(), eos_token=sorted(words.eos_ids) or None)
        matcher = LLMatcher(self._words, text, log_level=0)
        _raise_for(matcher)
        return matcher


class GrammarState:
    """Where an answer stands in a grammar."""

    def __init__(self, matcher: Any, tags: np.ndarray) -> None:
        self._matcher, self._tags = matcher, tags

    @property
    def complete(self) -> bool:
        """Whether nothing can follow any more."""
        return self._matcher.is_stopped()

    @property
    def may_end(self) -> bool:
        return self._matcher.is_accepting()

    def accepts(self, token: int) -> bool:
        return self._matcher.validate_tokens([token]) == 1

    def take(self, token: int) -> None:
        if not self._matcher.consume_token(token):
            _raise_for(self._matcher)

    def mask(self) -> np.ndarray:
        """For each token whether it may come next (V,); end tokens are left out."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        _raise_for(self._matcher)
        mask = np.unpackbits(bits, bitorder="little").astype(bool)
        mask[self._tags[self._tags < len(mask)]] = False
        return mask


class _At(Enum):
    START = auto()  # nothing of the answer yet; perhaps a thought
    LEAD = auto()
    ANSWER = auto()
    FREE = auto()
    CALL = auto()
    CALL_END = auto()
    AFTER_CALL = auto()


class GrammarControl:
    """Follows one answer: `follow` each token, `allowed` before each draw."""

    def __init__(self, plan: GrammarPlan, grammars: Grammars) -> None:
        self._plan, self._grammars = plan, grammars
        self._at = _At.START if plan.answer is not None else _At.FREE
        self._state: GrammarState | None = None
        self._lead: list[int] = []

    @property
    def complete(self) -> bool:
        """Whether the answer is whole: nothing may follow but the end."""
        return self._at is _At.ANSWER and self._state is not None and self._state.complete

    def follow(self, request: Request) -> None:
        """Take in the last token of the request."""
        token, thinks = request.token_ids[-1], _thinks(request)
        match self._at:
            case _At.START | _At.FREE if token == self._plan.call_id and self._plan.calls is not None and not thinks:
                self._at, self._state = _At.CALL, self._grammars.state(self._plan.calls)
            case _At.START if self._state is not None and token != self._plan.think_open_id:
                self._at = _At.ANSWER
                self._take(request, token)
            case _At.START:
                self._state = None
            case _At.LEAD:
                self._lead.pop(0)
                self._at = _At.LEAD if self._lead else _At.START
            case _At.ANSWER:
                self._take(request, token)
            case _At.CALL:
                self._take(request, token)
                if self._state is not None and self._state.complete:
                    self._at = _At.CALL_END
            case _At.CALL_END:
                self._at = _At.FREE if self._plan.answer is None else _At.AFTER_CALL

    def allowed(self, request: Request) -> np.ndarray | frozenset[int] | None:
        """The tokens of which the next must be one: their ids, or a mask (V,); None for any."""
        if _thinks(request):
            return None
        if self._at is _At.START:
            self._begin(request)
        match self._at:
            case _At.START:
                return self._first(request)
            case _At.LEAD:
                return frozenset(self._lead[:1])
            case _At.ANSWER | _At.CALL:
                return self._next(request)
            case _At.CALL_END:
                assert self._plan.call_end_id is not None
                return frozenset({self._plan.call_end_id})
            case _At.AFTER_CALL:
                return self._after_call(request)
        return None

    def banned(self, request: Request) -> frozenset[int]:
        """What may not come next: in a thought, a call."""
        held = self._plan.calls is not None and self._plan.call_id is not None
        return frozenset({self._plan.call_id}) if held and _thinks(request) else frozenset()  # pyright: ignore

    def _begin(self, request: Request) -> None:
        """Where the thought has just been closed, the lines that follow a closed thought come first."""
        if request.num_outputs > 0 and request.token_ids[-1] == self._plan.think_close_id and self._plan.lead:
            self._at, self._lead = _At.LEAD, list(self._plan.lead)

    def _first(self, request: Request) -> np.ndarray:
        """The first tokens of an answer, of a call, and of a thought where none has been."""
        assert self._plan.answer is not None
        self._state = self._state or self._grammars.state(self._plan.answer)
        opens = self._plan.think_open_id if request.num_outputs == 0 else None
        call = None if self._plan.calls is None else self._plan.call_id
        return _with(self._state.mask(), (one for one in (opens, call) if one is not None))

    def _next(self, request: Request) -> np.ndarray:
        assert self._state is not None
        ends = request.stop.end_ids if self._at is _At.ANSWER and self._state.may_end else ()
        return _with(self._state.mask(), ends)

    def _after_call(self, request: Request) -> frozenset[int]:
        """The end, or another call on a line of its own."""
        assert self._plan.call_id is not None
        assert self._plan.line is not None
        if request.token_ids[-1] == self._plan.line:
            self._at = _At.START
            return frozenset({self._plan.call_id})
        return request.stop.end_ids | {self._plan.line}

    def _take(self, request: Request, token: int) -> None:
        """An end token may be one of the grammar's, too: where it does not end the request it counts as such."""
        assert self._state is not None
        if token not in request.stop.end_ids or self._state.accepts(token):
            self._state.take(token)


def grammar_plan(
    schema: Any,
    choice: ToolChoice,
    tools: tuple[Tool, ...],
    tokenizer: Tokenizer,
    *,
    opens_thought: bool,
    tool_format: str = "hermes",
) -> GrammarPlan | None:
    """What a request asks to be held to: the schema of its answer (None: free), and the schemas of its tools.

    Calls are held where one is required, where a tool is strict, and where the answer is held. A tool that says
    `strict: false`, and in a free choice one that says nothing, may be called with any object.

    Raises:
        YunqiError: `schema-unsupported`.
    """
    required = choice.mode == "required"
    named = [tool for tool in tools if choice.name in (None, tool.name)] if required else list(tools)
    tagged = tokenizer.tool_call_open_id is not None and tokenizer.tool_call_close_id is not None
    asked = required or schema is not None or any(tool.strict for tool in tools)
    holds = bool(named) and tagged and asked
    if schema is None and not holds:
        return None
    held = {tool.name: tool.parameters if _held(tool, required) else {"type": "object"} for tool in named}
    return GrammarPlan(
        answer=None if schema is None else answer_grammar(schema),
        calls=calls_grammar(held, tool_format) if holds else None,
        call_id=tokenizer.tool_call_open_id,
        call_end_id=tokenizer.tool_call_close_id,
        think_open_id=tokenizer.think_open_id if opens_thought else None,
        think_close_id=tokenizer.think_close_id,
        lead=tuple(tokenizer.encode("\n\n")),
        line=tokenizer.encode("\n")[0],
    )


def _held(tool: Tool, required: bool) -> bool:
    return required if tool.strict is None else tool.strict


def _thinks(request: Request) -> bool:
    return request.thinking is not None and request.thinking.in_thought


def _with(mask: np.ndarray, tokens: Iterable[int]) -> np.ndarray:
    mask[[token for token in tokens if token < len(mask)]] = True
    return mask


def _raise_for(matcher: Any) -> None:
    """A grammar that turns out to be too much for its limits ends its own request."""
    if matcher.is_error():
        raise RuntimeError(f"the grammar cannot be followed: {matcher.get_error()[:200]}")
