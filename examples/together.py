"""Ask a model in a process of its own several things at once."""

import asyncio

from yunqi import AsyncLLM, SamplingParams


async def ask(llm: AsyncLLM, question: str) -> str:
    outputs = [o async for o in llm.chat([{"role": "user", "content": question}], SamplingParams(temperature=0))]
    return f"{question} {outputs[-1].outputs[0].text}"


async def main() -> None:
    async with AsyncLLM("nano") as llm:
        questions = ["What is 12 + 30?", "What is 47 x 8?", "How many letters are in 'river'?"]
        print(*await asyncio.gather(*(ask(llm, question) for question in questions)), sep="\n")


asyncio.run(main())
