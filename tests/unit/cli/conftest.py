"""A model that follows a script, and a way to run a command line as the installed program would."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from yunqi.cli import main, options
from yunqi.processing.chat.thoughts import STOP_SENTENCE
from yunqi.protocol.events import Event, Finish, FinishReason, ReasoningDelta, TextDelta
from yunqi.protocol.output import CompletionOutput, RequestMetrics, RequestOutput
from yunqi.protocol.sampling import SamplingParams

Script = list[str | type[BaseException]]


class ScriptedLLM:
    """Plays one script per answer: `~word` is a thought, `word` is text, an exception class is raised there.

    The sentence that ends a thought counts as ten tokens that were inserted.
    """

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.asked: list[tuple[list[dict[str, Any]], SamplingParams, bool | None]] = []
        self.num_open = 0
        self.finish_reason: FinishReason = "stop"
        self.last_output: RequestOutput | None = None

    def chat_stream(
        self, messages: list[dict[str, Any]], params: SamplingParams, *, enable_thinking: bool | None = None
    ) -> Iterator[Event]:
        self.asked.append((list(messages), params, enable_thinking))
        return self._play(self.scripts.pop(0))

    def chat(
        self,
        messages: Any,
        params: Any,
        *,
        tools: Any = None,
        enable_thinking: bool | None = None,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        several = bool(messages) and isinstance(messages[0], list)
        asked = list(zip(messages, params, strict=True)) if several else [(messages, params)]
        return [self._chat(conversation, each, enable_thinking) for conversation, each in asked]

    def _chat(
        self, messages: list[dict[str, Any]], params: SamplingParams, enable_thinking: bool | None
    ) -> RequestOutput:
        list(self.chat_stream(messages, params, enable_thinking=enable_thinking))
        assert self.last_output is not None
        return self.last_output

    def _play(self, script: Script) -> Iterator[Event]:
        said = CompletionOutput(index=0)
        self.num_open += 1
        try:
            for piece in script:
                if not isinstance(piece, str):
                    raise piece
                inserted = 10 if STOP_SENTENCE[:20] in piece else 0
                said.num_inserted_tokens += inserted
                said.token_ids += [0] * (inserted or 1)
                if piece.startswith("~"):
                    said.reasoning = (said.reasoning or "") + piece[1:]
                    said.num_reasoning_tokens += 1
                    yield ReasoningDelta(piece[1:])
                else:
                    said.text += piece
                    yield TextDelta(piece)
            said.finish_reason = self.finish_reason
            yield Finish(self.finish_reason)
        finally:
            self.num_open -= 1
            metrics = RequestMetrics(arrival_time=10.0, first_token_time=10.25, finished_time=10.75)
            self.last_output = RequestOutput(
                request_id="1", prompt="p", prompt_token_ids=[1, 2, 3], outputs=[said], finished=True, metrics=metrics
            )


@dataclass
class Done:
    """What a command line did."""

    code: int
    out: str
    err: str


@dataclass
class Program:
    """`program("ask", "hi", stdin=b"")` runs in this process; `program.llm` is the model that any command loads."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    loaded: list[str] = field(default_factory=list)

    def script(self, *scripts: Script) -> ScriptedLLM:
        llm = ScriptedLLM(*scripts)

        def load(model: str, **_: object) -> ScriptedLLM:
            self.loaded.append(model)
            return llm

        self.monkeypatch.setattr(options, "load_llm", load)
        return llm

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = main.run(arguments)
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Program:
    for name in ("HF_HUB_CACHE", "HF_HOME", "MODELSCOPE_CACHE", "XDG_CACHE_HOME", "YUNQI_DEBUG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return Program(capsys, monkeypatch)


Run = Callable[..., Done]
