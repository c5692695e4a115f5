"""The client in this process, over a scripted model: what streams back, what ends a request, calls that must come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.integration.conftest import TEXTS
from yunqi.common.errors import YunqiError
from yunqi.engine import local
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.engine.llm import LLM
from yunqi.engine.local import LocalClient
from yunqi.engine.reception import job_of
from yunqi.engine.scripted import ScriptedRunner
from yunqi.processing.build import train_bpe
from yunqi.processing.chat import renderer_for
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.events import Finish, ReasoningDelta, TextDelta
from yunqi.protocol.messages import Message, Tool
from yunqi.protocol.requests import ChatRequest, CompletionRequest, EngineRequest, ToolChoice
from yunqi.protocol.sampling import SamplingParams

ASK = (Message(role="user", content="What is 40 + 2?"),)
ADD, SUB = (
    Tool(definition={"type": "function", "function": {"name": name, "parameters": {}}}) for name in ("add", "sub")
)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_bpe(TEXTS * 5, 400)


def playing_text(tokenizer: Tokenizer, text: str, **more: Any) -> LLM:
    """An LLM that says `text` after the last turn's opening and what stands there already, then ends."""
    script = [*tokenizer.encode(text), tokenizer.im_end_id]
    lengths: dict[int, int] = {}

    def policy(seen: Any) -> int:
        start = len(seen) - 1 - list(seen)[::-1].index(tokenizer.im_start_id) if tokenizer.im_start_id in seen else -1
        length = lengths.setdefault(start, len(seen))
        return script[min(len(seen) - length, len(script) - 1)]  # pyright: ignore

    runner = ScriptedRunner(policy, vocab_size=tokenizer.vocab_size, num_blocks=200)
    return LLM.over(
        runner, tokenizer=tokenizer, renderer=renderer_for(tokenizer, architecture="Qwen3ForCausalLM"), **more
    )


def run(llm: LLM, work: Callable[[LocalClient], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        client = LocalClient(llm, name="nano", max_waiting=3)
        await client.start()
        try:
            return await asyncio.wait_for(work(client), 60)
        finally:
            await client.close()
            assert llm.engine.scheduler.blocks.num_free == llm.engine.scheduler.blocks.num_blocks

    return asyncio.run(main())


def answer_of(llm: LLM, request: ChatRequest | CompletionRequest) -> Any:
    async def work(client: LocalClient) -> Any:
        async with client.submit(request) as stream:
            deltas = [delta async for delta in stream]
            return deltas, stream.usage, stream.output

    return run(llm, work)


def greedy(**more: Any) -> SamplingParams:
    return SamplingParams(**{"temperature": 0, "max_tokens": 400, **more})


def test_deltas_add_up_to_the_output(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "<think>\nwell\n</think>\n\nThe answer is 42.")
    deltas, usage, output = answer_of(llm, ChatRequest(messages=ASK, params=greedy(n=2, logprobs=1)))
    for index in range(2):
        own = [delta for delta in deltas if delta.index == index]
        events = [event for delta in own for event in delta.events]
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "The answer is 42."
        assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "well"
        assert isinstance(events[-1], Finish)
        assert [i for delta in own for i in delta.token_ids] == output.outputs[index].token_ids
        assert [row for delta in own for row in delta.logprobs] == output.outputs[index].logprobs
    assert usage.completion_tokens == sum(len(o.token_ids) for o in output.outputs)
    assert usage.reasoning_tokens == sum(o.num_reasoning_tokens for o in output.outputs) > 0


def test_leaving_the_block_ends_the_request(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "well " * 3000, max_model_len=3000)

    async def work(client: LocalClient) -> None:
        async with client.submit(ChatRequest(messages=ASK, enable_thinking=False)) as stream:
            async for _ in stream:
                break
        stats = await client.stats()
        assert (stats.num_running, stats.num_free_blocks) == (0, stats.num_blocks)

    run(llm, work)


def test_a_thought_can_be_stopped(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "<think>" + "\nwell" * 3000, max_model_len=3000)

    async def work(client: LocalClient) -> Any:
        async with client.submit(ChatRequest(messages=ASK, params=SamplingParams(temperature=0))) as stream:
            async for delta in stream:
                if any(isinstance(event, ReasoningDelta) for event in delta.events):
                    stream.stop_thinking()
                if any(isinstance(event, TextDelta) for event in delta.events):
                    break
            return stream.usage

    assert run(llm, work).reasoning_tokens < 1500


def test_a_failing_step_fails_its_requests_alone(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "The answer is 42.")
    policy, llm.engine.runner.policy = llm.engine.runner.policy, None  # pyright: ignore

    async def work(client: LocalClient) -> None:
        async with client.submit(CompletionRequest(prompt="well")) as stream:
            with pytest.raises(YunqiError, match="could not compute"):
                await anext(aiter(stream))
        llm.engine.runner.policy = policy  # pyright: ignore
        async with client.submit(CompletionRequest(prompt="well", params=greedy())) as stream:
            async for _ in stream:
                pass
            assert stream.output.outputs[0].text == "The answer is 42."

    run(llm, work)


def test_what_cannot_be_served_is_refused_on_entry(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "42")

    async def work(client: LocalClient) -> None:
        for request in (
            CompletionRequest(prompt="x" * 10_000_000),
            ChatRequest(messages=ASK, tools=(ADD,), tool_choice=ToolChoice(mode="required", name="sub")),
        ):
            with pytest.raises(YunqiError):
                await client.submit(request).__aenter__()

    run(llm, work)


def broken(*arguments: Any, **more: Any) -> Any:
    raise RuntimeError("unreadable")


async def text_of(client: LocalClient) -> str:
    async with client.submit(CompletionRequest(prompt="well", params=greedy())) as stream:
        async for _ in stream:
            pass
        return stream.output.outputs[0].text


def test_an_answer_that_cannot_be_read_fails_its_own_request(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(intake: Intake, request: EngineRequest) -> Job:
        job = job_of(intake, request)
        if request.params.n == 2:
            job.processors[0].push = job.processors[1].finish = broken  # pyright: ignore
        return job

    monkeypatch.setattr(local, "job_of", breaking)

    async def work(client: LocalClient) -> None:
        async with client.submit(CompletionRequest(prompt="well", params=greedy(n=2))) as stream:
            other = asyncio.create_task(text_of(client))
            with pytest.raises(YunqiError, match=r"could not compute.*RuntimeError"):
                async for _ in stream:
                    pass
            assert await other == "The answer is 42."
        assert await text_of(client) == "The answer is 42."

    run(playing_text(tokenizer, "The answer is 42."), work)


def test_a_command_out_of_place_harms_nobody(tokenizer: Tokenizer) -> None:
    async def work(client: LocalClient) -> None:
        client.submit(ChatRequest(messages=ASK)).stop_thinking()  # it was never entered
        assert await text_of(client) == "42"

    run(playing_text(tokenizer, "42"), work)


def test_a_worker_that_ends_leaves_nobody_waiting(tokenizer: Tokenizer) -> None:
    llm = playing_text(tokenizer, "42")
    llm.engine.scheduler.schedule = broken

    async def work(client: LocalClient) -> None:
        async with client.submit(CompletionRequest(prompt="well", params=greedy())) as stream:
            with pytest.raises(YunqiError, match="its thread ended"):
                async for _ in stream:
                    pass
        assert not client.healthy
        with pytest.raises(YunqiError, match="is stopping"):
            await client.stats()

    run(llm, work)
