"""An engine in a process of its own, over a scripted model: it answers as the engine in this process does, requests end
where they should, and whatever dies is missed, said and replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from yunqi import LLM, AsyncLLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.remote import RemoteEngine
from yunqi.engine.remote_stream import RemoteStream
from yunqi.engine.script import Fault, Script
from yunqi.engine.supervisor import RestartPolicy
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.engine.words import words_of_tokenizer
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta
from yunqi.protocol.messages import Message, as_tools
from yunqi.protocol.requests import ChatRequest, CompletionRequest, Delta, Origin, ToolChoice
from yunqi.protocol.sampling import StructuredOutputsParams

BOUND = 90.0
GREEDY = SamplingParams(temperature=0)
TOOL = {"type": "function", "function": {"name": "add", "parameters": {}}}
ANSWERS = (
    ("40 + 2", "<think>\n40 + 2 = 42\n</think>\n\nThe answer is 42."),
    ("in threes", "one STOP two STOP three"),
    ("at length", "the answer " * 60),
    ("ponder", "<think>" + "\nthink" * 150),
    ("both of them", 2 * '\n<tool_call>\n{"name": "add", "arguments": {"a": 40}}\n</tool_call>'),
    ("with a tool", '<think>\nwell\n</think>\n\n<tool_call>\n{"name": "add", "arguments": {"a": 40}}\n</tool_call>'),
)

HELD = StructuredOutputsParams(json={"type": "array", "items": {"type": "integer", "maximum": 9}, "maxItems": 3})

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def replace_strict(tool: dict[str, Any]) -> dict[str, Any]:
    return tool | {"function": tool["function"] | {"strict": True}}


def ask(text: str, params: SamplingParams = GREEDY, **more: Any) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", content=text),), params=params, **more)


async def collect(engine: RemoteEngine, request: ChatRequest | CompletionRequest) -> tuple[RemoteStream, list[Delta]]:
    async with engine.submit(request) as stream:
        return stream, [delta async for delta in stream]


async def code_of(engine: RemoteEngine, request: ChatRequest | CompletionRequest) -> str:
    """How a request fails."""
    with pytest.raises(YunqiError) as caught:
        await collect(engine, request)
    return caught.value.code


async def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + BOUND
    while not true():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.02)


async def all_free(engine: RemoteEngine) -> None:
    """Wait until the engine holds nothing any more."""
    end = time.monotonic() + BOUND
    while True:
        stats = await engine.stats()
        if (stats.num_running, stats.num_waiting, stats.num_blocks - stats.num_free_blocks) == (0, 0, 0):
            return
        assert time.monotonic() < end, stats
        await asyncio.sleep(0.05)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module")
def folder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tokenizer")
    tokenizer.save(path)
    return str(path)


@pytest.fixture(scope="module")
def script(folder: str) -> Script:
    return Script(
        tokenizer=folder, architecture="Qwen3ForCausalLM", answers=ANSWERS, answer="yes", seconds_per_step=0.002
    )


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs coroutines, all in one event loop, in a thread that lives as long as the tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, BOUND), loop).result(BOUND + 10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def engine(script: Script, run: Run) -> Iterator[RemoteEngine]:
    """The engine that most tests share."""

    async def make() -> RemoteEngine:
        engine = RemoteEngine(script, seed=7)
        await engine.start()
        return engine

    engine = run(make())
    yield engine
    run(engine.close())


@pytest.fixture
def here(script: Script) -> LLM:
    """The same model in this process."""
    words = words_of_tokenizer("script", script.tokenizer, script.architecture)
    runner = script.runner(words.tokenizer)
    return LLM.over(runner, tokenizer=words.tokenizer, renderer=words.renderer, seed=7)


def test_streams_are_those_of_the_engine_in_this_process(engine: RemoteEngine, here: LLM, run: Run) -> None:
    cases: list[tuple[str, SamplingParams, dict[str, Any]]] = [
        ("40 + 2", GREEDY, {}),
        ("40 + 2", replace(GREEDY, logprobs=2, prompt_logprobs=1, max_tokens=250), {}),
        ("in threes", replace(GREEDY, stop=("STOP",)), {"enable_thinking": False}),
        ("in threes", replace(GREEDY, stop=("STOP t",), include_stop_str_in_output=True), {"enable_thinking": False}),
        ("ponder", replace(GREEDY, thinking_budget=5, max_tokens=250), {}),
        ("at length", replace(GREEDY, max_tokens=9), {"enable_thinking": False}),
        ("with a tool", GREEDY, {"tools": [TOOL]}),
        ("with a tool", GREEDY, {}),
        ("with a tool", GREEDY, {"tools": [replace_strict(TOOL)]}),
        ("40 + 2", replace(GREEDY, structured_outputs=HELD, max_tokens=300), {}),
        ("40 + 2", replace(GREEDY, structured_outputs=HELD, max_tokens=300), {"enable_thinking": False}),
    ]
    for text, params, options in cases:
        tools = as_tools(options.get("tools"))
        stream, deltas = run(collect(engine, ask(text, params, **{**options, "tools": tools})))
        messages = [{"role": "user", "content": text}]
        expected = here.chat(messages, params, **options)[0]
        assert stream.output.outputs == expected.outputs
        assert stream.output.prompt_logprobs == expected.prompt_logprobs
        assert stream.prompt_token_ids == expected.prompt_token_ids
        assert [event for delta in deltas for event in delta.events] == list(
            here.chat_stream(messages, params, **options)
        )
        assert [token for delta in deltas for token in delta.token_ids] == expected.outputs[0].token_ids
        if params.logprobs:
            assert [row for delta in deltas for row in delta.logprobs or ()] == expected.outputs[0].logprobs
        assert stream.usage.prompt_tokens == len(expected.prompt_token_ids)
        assert stream.usage.completion_tokens == len(expected.outputs[0].token_ids)
        assert stream.usage.reasoning_tokens == expected.outputs[0].num_reasoning_tokens
    run(all_free(engine))


def test_n_answers_are_drawn_apart(engine: RemoteEngine, here: LLM, run: Run) -> None:
    params = SamplingParams(n=4, temperature=100.0, seed=3, max_tokens=6, top_k=0)
    request = CompletionRequest(prompt=(1, 2, 3), params=params)
    stream, deltas = run(collect(engine, request))
    assert stream.output.outputs == here.generate([[1, 2, 3]], params)[0].outputs
    assert len({tuple(answer.token_ids) for answer in stream.output.outputs}) == 4
    assert {delta.index for delta in deltas} == {0, 1, 2, 3}
    assert stream.usage.completion_tokens == sum(len(answer.token_ids) for answer in stream.output.outputs)


def test_many_streams_at_once_keep_apart(engine: RemoteEngine, run: Run) -> None:
    async def scenario() -> list[str]:
        asked = [ask(text) for text in ("40 + 2", "anything else") * 10]
        done = await asyncio.gather(*(collect(engine, request) for request in asked))
        return [stream.output.outputs[0].text for stream, _ in done]

    assert run(scenario()) == ["The answer is 42.", "yes"] * 10


def test_leaving_the_block_ends_the_request(engine: RemoteEngine, run: Run) -> None:
    async def scenario() -> RemoteStream:
        async with engine.submit(ask("at length", enable_thinking=False)) as stream:
            async for _ in stream:
                break
        await all_free(engine)
        return stream

    stream = run(scenario())
    assert stream.output.outputs[0].finish_reason == "abort"
    assert 0 < stream.usage.completion_tokens < 60


def test_a_thought_can_be_told_to_end(engine: RemoteEngine, run: Run, tokenizer: Tokenizer) -> None:
    async def scenario() -> RemoteStream:
        async with engine.submit(ask("ponder", replace(GREEDY, max_tokens=300))) as stream:
            async for delta in stream:
                if any(isinstance(event, ReasoningDelta) for event in delta.events):
                    stream.stop_thinking()
            return stream

    answer = run(scenario()).output.outputs[0]
    sentence = tokenizer.encode(STOP_SENTENCE)
    assert answer.num_inserted_tokens == len(sentence)
    assert answer.num_reasoning_tokens < 150
    assert "Considering" not in answer.text
    assert answer.text.strip()


def test_what_is_wrong_with_a_request_is_said_on_entering(engine: RemoteEngine, run: Run) -> None:
    def ids(*tokens: int, **params: Any) -> CompletionRequest:
        return CompletionRequest(prompt=tokens, params=replace(GREEDY, max_tokens=2, **params))

    wrong = [
        (ids(10**30), "token-out-of-range"),
        (ids(-1), "token-out-of-range"),
        (ids(1, logit_bias={10**30: 1.0}), "token-out-of-range"),
        (ids(), "prompt-empty"),
        (CompletionRequest(prompt="word " * 2_000_000, params=GREEDY), "prompt-too-long"),
        (ask("word " * 2_000_000), "prompt-too-long"),
        (ask("hello", model="gpt-4"), "model-not-served"),
        (replace(ask("40 + 2", replace(GREEDY, max_tokens=3)), enable_thinking=True), "thinking-no-room"),
    ]
    for request, code in wrong:
        assert run(code_of(engine, request)) == code
    stream, _ = run(collect(engine, ids(1, stop_token_ids=(10**30,))))
    assert stream.output.outputs[0].finish_reason == "length"
    run(all_free(engine))


def test_text_and_tokens_and_prompts(engine: RemoteEngine, run: Run, tokenizer: Tokenizer) -> None:
    text = "The answer is 42."
    assert run(engine.tokenize(text)) == tokenizer.encode(text)
    assert run(engine.detokenize(tokenizer.encode(text))) == text
    stream, _ = run(collect(engine, ask("40 + 2")))
    assert run(engine.render(ask("40 + 2"))) == stream.prompt_token_ids
    [card] = engine.models
    assert (card.name, card.thinking, card.max_model_len) == ("script", "hybrid", 1024 * 16)


def test_a_turn_extends_the_one_before_where_thoughts_are_kept(engine: RemoteEngine, run: Run) -> None:
    first, _ = run(collect(engine, ask("40 + 2")))
    answer = first.output.outputs[0]
    turns = (
        Message(role="user", content="40 + 2"),
        Message(role="assistant", content=answer.text, reasoning_content=answer.reasoning),
        Message(role="user", content="Sure?"),
    )
    before = first.prompt_token_ids + answer.token_ids
    kept = run(engine.render(ChatRequest(messages=turns, preserve_thinking=True)))
    dropped = run(engine.render(ChatRequest(messages=turns)))
    assert kept[: len(before)] == before
    assert dropped[: len(before)] != before


def test_the_public_face(script: Script, run: Run) -> None:
    async def scenario() -> None:
        messages = [{"role": "user", "content": "40 + 2"}]
        async with AsyncLLM(script) as llm:
            outputs = [output async for output in llm.chat(messages, GREEDY, "mine")]
            assert [output.finished for output in outputs] == [False] * (len(outputs) - 1) + [True]
            assert (outputs[-1].request_id, outputs[-1].outputs[0].text) == ("mine", "The answer is 42.")
            long = llm.chat([{"role": "user", "content": "at length"}], GREEDY, "long", enable_thinking=False)
            seen = []
            async for output in long:
                seen.append(output)
                await llm.abort("long")
            assert (seen[-1].finished, seen[-1].outputs[0].finish_reason) == (True, "abort")
            assert llm.is_running
        assert not llm.is_running

    run(scenario())


def test_an_id_in_use_is_refused(script: Script, run: Run) -> None:
    messages = [{"role": "user", "content": "at length"}]

    async def scenario() -> None:
        async with AsyncLLM(script) as llm:

            async def text_of(request_id: str, question: str) -> str:
                asked = [{"role": "user", "content": question}]
                return [o async for o in llm.chat(asked, GREEDY, request_id, enable_thinking=False)][-1].outputs[0].text

            first = llm.chat(messages, GREEDY, "mine", enable_thinking=False)
            await anext(aiter(first))
            with pytest.raises(YunqiError, match="'mine' is that of a request that is still running"):
                await text_of("mine", "in threes")
            seen = []
            async for output in first:
                seen.append(output)
                await llm.abort("mine")
            assert seen[-1].outputs[0].finish_reason == "abort"
            assert await text_of("mine", "in threes") == "one STOP two STOP three"
            together = [text_of("twice", "in threes"), text_of("twice", "in threes"), text_of("", "in threes")]
            told = await asyncio.gather(*together, return_exceptions=True)
            assert [isinstance(one, YunqiError) for one in told] == [False, True, False]

    run(scenario())


def test_a_policy_is_found_by_its_name(run: Run) -> None:
    async def scenario() -> list[int]:
        async with AsyncLLM(Script(policy="tests.integration.policies:counting", vocab_size=50)) as llm:
            outputs = [output async for output in llm.generate([1, 2], SamplingParams(temperature=0, max_tokens=4))]
            return outputs[-1].outputs[0].token_ids

    assert run(scenario()) == [3, 4, 5, 6]


def test_kill_9_under_twenty_requests(script: Script, run: Run) -> None:
    async def scenario() -> None:
        engine = RemoteEngine(replace(script, seconds_per_step=0.02), seconds_to_wait=BOUND)
        await engine.start()
        pid = engine.pid
        assert pid is not None
        started = asyncio.Semaphore(0)

        async def one() -> str:
            try:
                async with engine.submit(ask("at length", enable_thinking=False)) as stream:
                    async for _ in stream:
                        started.release()
            except YunqiError as error:
                return error.code
            return "finished"

        tasks = [asyncio.create_task(one()) for _ in range(20)]
        for _ in range(40):
            await started.acquire()
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.gather(*tasks) == ["engine-died"] * 20
        stream, _ = await collect(engine, ask("40 + 2"))  # waits for the next process
        assert stream.output.outputs[0].text == "The answer is 42."
        assert engine.healthy
        assert engine.pid not in (None, pid)
        assert (await engine.stats()).counters["restarts"] == 1
        await engine.close()

    run(scenario())


def test_a_process_that_keeps_dying_is_given_up(script: Script, run: Run) -> None:
    async def scenario() -> None:
        policy = RestartPolicy(max_fast_crashes=1, first_wait=0.0)
        dying = replace(script, faults=(Fault(kind="exit", step=2),))
        engine = RemoteEngine(dying, restarts=policy, seconds_to_wait=BOUND)
        await engine.start()
        assert await code_of(engine, ask("40 + 2")) == "engine-died"
        assert await code_of(engine, ask("40 + 2")) == "engine-died"
        assert await code_of(engine, ask("40 + 2")) == "engine-stopped"
        assert not engine.healthy
        assert "exit status 70" in engine.reason
        await engine.close()

    run(scenario())


def test_who_does_not_wait_for_a_restart_is_told(script: Script, run: Run) -> None:
    async def scenario() -> None:
        engine = RemoteEngine(script, seconds_to_wait=0.0)
        await engine.start()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await until(lambda: not engine.healthy)
        with pytest.raises(YunqiError, match=r"again in [1-9]") as caught:
            await collect(engine, ask("40 + 2"))
        assert caught.value.code == "engine-restarting"
        await until(lambda: engine.healthy)
        await collect(engine, ask("40 + 2"))
        await engine.close()

    run(scenario())


def test_a_failed_step_costs_its_own_requests_only(script: Script, run: Run) -> None:
    async def scenario() -> None:
        engine = RemoteEngine(replace(script, faults=(Fault(kind="raise", step=3),)))
        await engine.start()
        pid = engine.pid
        with pytest.raises(YunqiError, match="the script says that this step fails") as caught:
            await collect(engine, ask("40 + 2"))
        assert caught.value.code == "computation-failed"
        stream, _ = await collect(engine, ask("40 + 2"))
        assert stream.output.outputs[0].text == "The answer is 42."
        assert engine.pid == pid
        await all_free(engine)
        await engine.close()

    run(scenario())


def test_a_step_that_hangs_is_ended_as_a_crash(script: Script, run: Run) -> None:
    async def scenario() -> None:
        hanging = replace(script, seconds_per_step=0.0, faults=(Fault(kind="hang", step=30),))
        engine = RemoteEngine(hanging, step_timeout=0.5, seconds_to_wait=BOUND)
        await engine.start()
        pid = engine.pid
        assert pid is not None
        asked = [collect(engine, ask("at length", enable_thinking=False)) for _ in range(3)]
        for failed in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(failed, YunqiError)
            assert failed.code == "engine-died"
            assert "a step took longer than 0.5 s" in str(failed)
        stream, _ = await collect(engine, ask("anything"))
        assert stream.output.outputs[0].text == "yes"
        assert engine.pid != pid
        assert gone(pid)
        assert (await engine.stats()).counters["restarts"] == 1
        await engine.close()

    run(scenario())


def test_slow_steps_and_idle_times_are_no_hanging(script: Script, run: Run) -> None:
    """Many steps, each well below the limit and some without a token, together far above it; then nothing to do."""

    async def scenario() -> None:
        slow = replace(script, seconds_per_step=0.1, max_num_batched_tokens=16)
        engine = RemoteEngine(slow, step_timeout=1.0)
        await engine.start()
        pid = engine.pid
        stream, _ = await collect(engine, CompletionRequest(prompt=(5,) * 250, params=replace(GREEDY, max_tokens=3)))
        assert stream.usage.completion_tokens == 3
        await asyncio.sleep(1.5)
        await collect(engine, CompletionRequest(prompt=(5,) * 20, params=replace(GREEDY, max_tokens=2)))
        assert engine.pid == pid
        await engine.close()

    run(scenario())


def test_draining_lets_requests_end_and_takes_no_more(script: Script, run: Run) -> None:
    async def scenario() -> None:
        engine = RemoteEngine(replace(script, seconds_per_step=0.01))
        await engine.start()
        pid = engine.pid
        assert pid is not None
        async with engine.submit(ask("at length", enable_thinking=False)) as stream:
            closing = asyncio.create_task(engine.close(drain_seconds=BOUND))
            await asyncio.sleep(0)
            assert not engine.healthy
            assert await code_of(engine, ask("40 + 2")) == "engine-stopping"
            events = events_of([delta async for delta in stream])
            await closing
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "the answer " * 60
        assert gone(pid)

    run(scenario())


def test_closing_is_bounded_even_where_a_step_hangs(script: Script, run: Run) -> None:
    async def scenario() -> None:
        engine = RemoteEngine(replace(script, faults=(Fault(kind="hang", step=1),)))
        await engine.start()
        pid = engine.pid
        assert pid is not None
        async with engine.submit(ask("40 + 2")) as stream:
            await engine.close()
            with pytest.raises(YunqiError, match="is stopping"):
                async for _ in stream:
                    pass
        assert gone(pid)

    run(scenario())


def test_load_errors_are_those_of_the_process(script: Script, run: Run, tmp_path: Path) -> None:
    async def code(model: str | Script) -> str:
        engine = RemoteEngine(model)
        with pytest.raises(YunqiError) as caught:
            await engine.start()
        assert not engine.healthy
        return caught.value.code

    open_files = psutil.Process().num_fds()
    assert run(code(replace(script, policy="nowhere:nothing"))) == "script-invalid"
    assert run(code(Script(tokenizer=str(tmp_path)))) == "tokenizer-missing"
    assert run(code("no-such-model-at-all")) == "model-not-found"
    assert psutil.Process().num_fds() == open_files


def events_of(deltas: list[Delta]) -> list[Event]:
    return [event for delta in deltas for event in delta.events]


def test_request_ids_are_the_callers(engine: RemoteEngine, run: Run) -> None:
    request = ask("40 + 2", origin=Origin(request_id="theirs"))
    (first, deltas), (second, _) = run(asyncio_pair(engine, request))
    assert first.request_id == second.request_id == first.output.request_id == "theirs"
    assert first.output.outputs == second.output.outputs
    assert events_of(deltas)[-1].type == "finish"


async def asyncio_pair(engine: RemoteEngine, request: ChatRequest) -> Any:
    """The same request twice at once: a client's own id need not be unique."""
    return await asyncio.gather(collect(engine, request), collect(engine, request))


def calls_of(stream: RemoteStream) -> list[str]:
    return [call.name for call in stream.output.outputs[0].tool_calls]


def test_none_renders_without_tools_and_one_call_is_one_call(engine: RemoteEngine, run: Run) -> None:
    tools = as_tools([TOOL])
    with_tools, _ = run(collect(engine, ask("with a tool", tools=tools)))
    assert calls_of(with_tools) == ["add"]
    none, _ = run(collect(engine, ask("with a tool", tools=tools, tool_choice=ToolChoice(mode="none"))))
    assert none.prompt_token_ids == run(engine.render(ask("with a tool")))
    assert calls_of(none) == []
    assert "tool_call" in none.output.outputs[0].text
    both, _ = run(collect(engine, ask("both of them", tools=tools)))
    assert calls_of(both) == ["add", "add"]
    one, deltas = run(collect(engine, ask("both of them", tools=tools, tool_choice=ToolChoice(parallel=False))))
    assert calls_of(one) == ["add"]
    assert [event.type for event in events_of(deltas)].count("tool_call_start") == 1
    assert events_of(deltas)[-1] == Finish("tool_calls")


def test_a_hundred_clients_leave_at_random_moments_and_no_answer_changes(engine: RemoteEngine, run: Run) -> None:
    random = Random(5)
    leave_after = [random.randrange(30) for _ in range(100)]

    async def leaves(count: int) -> None:
        if count == 0:  # gives up before it is even taken
            entering = asyncio.create_task(collect(engine, ask("at length", enable_thinking=False)))
            await asyncio.sleep(0)
            entering.cancel()
            await asyncio.gather(entering, return_exceptions=True)
            return
        async with engine.submit(ask("at length", enable_thinking=False)) as stream:
            async for _ in stream:
                count -= 1
                if count == 0:
                    return

    async def scenario() -> tuple[RemoteStream, list[Delta]]:
        await engine.stats()
        num_tasks = len(asyncio.all_tasks())
        staying = asyncio.create_task(collect(engine, ask("ponder", replace(GREEDY, max_tokens=300))))
        await asyncio.gather(*map(leaves, leave_after))
        stayed = await staying
        await all_free(engine)
        assert len(asyncio.all_tasks()) == num_tasks
        return stayed

    alone, _ = run(collect(engine, ask("ponder", replace(GREEDY, max_tokens=300))))
    stayed, _ = run(scenario())
    assert stayed.output.outputs == alone.output.outputs
    assert engine.num_streams == 0
