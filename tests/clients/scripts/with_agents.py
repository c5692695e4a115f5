"""An agent with a tool loop through `openai-agents` and chat completions, streamed and not."""

import asyncio
import sys

from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI

set_tracing_disabled(True)
added: list[float] = []


@function_tool
def add(a: float, b: float) -> float:
    """Add two numbers."""
    added.append(a + b)
    return a + b


async def main() -> None:
    client = AsyncOpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none")
    model = OpenAIChatCompletionsModel(model="nano", openai_client=client)
    agent = Agent(name="adder", instructions="Add.", model=model, tools=[add])
    result = await Runner.run(agent, "Please call add.")
    assert result.final_output == "The sum is 42.", result
    streamed = Runner.run_streamed(agent, "Please call add.")
    async for _ in streamed.stream_events():
        pass
    assert streamed.final_output == "The sum is 42."
    assert added == [42, 42]


asyncio.run(main())
