"""`AsyncLLM`: a model in a process of its own, for programs that run an event loop. Names as in vLLM's `AsyncLLM`.

async with AsyncLLM("nano") as llm:
    async for output in llm.chat([{"role": "user", "content": "What is 12 + 30?"}]):
        print(output.outputs[0].text)          # the whole so far, again and again; `output.finished` at the end

The same client that `yunqi serve` uses; `client` has what is not repeated here, such as streams of single events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.engine.intake import as_token_ids
from yunqi.engine.remote import RemoteEngine
from yunqi.engine.remote_stream import RemoteStream
from yunqi.engine.script import Script
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Message, Tool, as_messages, as_tools
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.requests import ChatRequest, CompletionRequest, EngineRequest, EngineStats, Origin, ToolChoice
from yunqi.protocol.sampling import SamplingParams


class AsyncLLM:
    """A model and its engine process. Belongs to one event loop.

    Args:
        model: what `LLM` takes, or a `yunqi.engine.script.Script` in place of a model.
        options: those of `LLM`, and those of `yunqi.engine.remote.RemoteEngine`.

    Raises:
        YunqiError: on entering (or `create`), for a model that is not there or not readable; in a request,
            `engine-died` where the process ended under it (it is restarted by itself), `request-id-taken` where another
            that runs has its `request_id`.
    """

    def __init__(self, model: str | Path | Script, **options: Any) -> None:
        self.client = RemoteEngine(model, **options)
        self._streams: dict[str, RemoteStream | None] = {}  # None: it is being entered

    @classmethod
    async def create(cls, model: str | Path | Script, **options: Any) -> AsyncLLM:
        """A model that is ready. `shutdown` ends it."""
        llm = cls(model, **options)
        await llm.client.start()
        return llm

    async def __aenter__(self) -> AsyncLLM:
        await self.client.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    async def shutdown(self, drain_seconds: float = 0.0) -> None:
        """Take no more requests, give running ones this long, and end the process."""
        await self.client.close(drain_seconds)

    def generate(
        self,
        prompt: str | Sequence[int],
        sampling_params: SamplingParams | None = None,
        request_id: str = "",
        *,
        priority: int = 0,
    ) -> AsyncIterator[RequestOutput]:
        """Continue a text or token ids: all there is so far, after each step. Leaving the loop ends the request."""
        request = CompletionRequest(
            prompt=prompt if isinstance(prompt, str) else tuple(as_token_ids(prompt)),
            params=sampling_params or SamplingParams(),
            origin=Origin(request_id=request_id, priority=priority),
        )
        return self._outputs(request)

    def chat(
        self,
        messages: Sequence[Message | Mapping[str, Any]],
        sampling_params: SamplingParams | None = None,
        request_id: str = "",
        *,
        tools: Sequence[Tool | Mapping[str, Any]] | None = None,
        tool_choice: ToolChoice | None = None,
        enable_thinking: bool | None = None,
        preserve_thinking: bool = False,
        continue_final_message: bool = False,
        priority: int = 0,
    ) -> AsyncIterator[RequestOutput]:
        """Answer a conversation, as `generate` does a text."""
        request = ChatRequest(
            messages=as_messages(messages),
            params=sampling_params or SamplingParams(),
            tools=as_tools(tools),
            tool_choice=tool_choice or ToolChoice(),
            enable_thinking=enable_thinking,
            preserve_thinking=preserve_thinking,
            continue_final_message=continue_final_message,
            origin=Origin(request_id=request_id, priority=priority),
        )
        return self._outputs(request)

    async def abort(self, request_id: str) -> None:
        """End a request; its loop ends with what there is. One that is gone already is no error."""
        if stream := self._streams.get(request_id):
            stream.end()

    async def stop_thinking(self, request_id: str) -> None:
        """End a request's thought now: the stop sentence follows and then the answer."""
        if stream := self._streams.get(request_id):
            stream.stop_thinking()

    @property
    def is_running(self) -> bool:
        return self.client.healthy

    @property
    def max_model_len(self) -> int:
        return self.client.intake.max_model_len

    def get_tokenizer(self) -> Tokenizer:
        """The model's tokenizer. Raises `tokenizer-missing` where it has none."""
        return self.client.intake.need_tokenizer()

    async def stats(self) -> EngineStats:
        return await self.client.stats()

    async def _outputs(self, request: EngineRequest) -> AsyncIterator[RequestOutput]:
        name = request.origin.request_id
        if name and name in self._streams:
            raise YunqiError("request-id-taken", request_id=name)
        if name:
            self._streams[name] = None
        try:
            async with self.client.submit(request) as stream:
                name = self._name(stream, name)
                async for _ in stream:
                    if not stream.finished:
                        yield stream.output
                yield stream.output
        finally:
            self._streams.pop(name, None)

    def _name(self, stream: RemoteStream, name: str) -> str:
        """Where a stream is found from now on; one that was given no id is not found by that of another."""
        if not name and stream.request_id in self._streams:
            return ""
        self._streams[stream.request_id] = stream
        return stream.request_id
