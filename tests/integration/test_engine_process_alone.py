"""An engine in a process of its own, over nothing else: it goes with its parent, and answers as nano does here."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.test_engine_process import gone, until
from yunqi import LLM, AsyncLLM, SamplingParams

PARENT = """
import asyncio, sys
from yunqi import AsyncLLM
from yunqi.engine.script import Script, Fault

async def main():
    llm = await AsyncLLM.create(Script(vocab_size=10, answer=(1,), faults=(Fault(kind="hang", step=1),)))
    print(llm.client.pid, flush=True)
    async for _ in llm.generate([1]):
        pass

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_process_does_not_outlive_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert not gone(pid)
        finally:
            parent.kill()
    asyncio.run(until(lambda: gone(pid)))


@pytest.mark.timeout(400)
def test_nano_answers_as_it_does_in_this_process() -> None:
    params = SamplingParams(temperature=0.6, seed=1, thinking_budget=48, max_tokens=160, logprobs=1)
    messages = [{"role": "user", "content": "What is 12 + 30?"}]

    async def scenario() -> Any:
        async with AsyncLLM("nano", deterministic=True) as llm:
            return [output async for output in llm.chat(messages, params)][-1]

    output = asyncio.run(asyncio.wait_for(scenario(), 300))
    expected = LLM("nano", deterministic=True).chat(messages, params)[0]
    assert output.prompt_token_ids == expected.prompt_token_ids
    assert output.outputs == expected.outputs
