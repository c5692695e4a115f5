"""The engine as its callers see it, wherever it runs: in this process, in a spawned one, on a cluster. Torch-free.

client = ...            # an EngineClient
async with client.submit(request) as stream:      # leaving the block, for whatever reason, ends the request
    async for delta in stream: ...
    stream.usage, stream.output
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Protocol

from yunqi.protocol.output import RequestOutput
from yunqi.protocol.requests import ChatRequest, Delta, EngineRequest, EngineStats, ModelCard, Usage


class RequestStream(Protocol):
    """One request under way.

    Entering raises what is wrong with the request itself (`YunqiError`: too long, never fits, queue full). Iterating
    raises `YunqiError("engine-died")` where the engine process ended. `usage` counts what has come so far; `output` is
    complete once the iteration has ended.
    """

    request_id: str

    @property
    def prompt_token_ids(self) -> list[int]: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def output(self) -> RequestOutput: ...

    async def __aenter__(self) -> RequestStream: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __aiter__(self) -> AsyncIterator[Delta]: ...

    def stop_thinking(self) -> None:
        """End the thought now: the stop sentence follows and then the answer. No effect outside a thought."""
        ...


class EngineClient(Protocol):
    """What the server and `AsyncLLM` need of an engine."""

    async def start(self) -> None:
        """Return once requests can be served."""
        ...

    async def close(self, drain_seconds: float = 0.0) -> None:
        """Take no more requests, give running ones this long, then end everything."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether requests can be served now; False while an engine process is being restarted."""
        ...

    @property
    def models(self) -> tuple[ModelCard, ...]: ...

    def submit(self, request: EngineRequest) -> RequestStream: ...

    async def tokenize(self, text: str, model: str = "", *, add_special_tokens: bool = False) -> list[int]: ...

    async def detokenize(self, token_ids: list[int], model: str = "") -> str: ...

    async def render(self, request: ChatRequest) -> list[int]:
        """The prompt of a conversation as token ids, to count them or to look at them."""
        ...

    async def stats(self) -> EngineStats: ...
