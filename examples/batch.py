"""Many questions in one batch."""

from yunqi import LLM, SamplingParams

llm = LLM("nano")
questions = [f"What is {a} + {b}?" for a, b in [(3, 4), (12, 30), (250, 125), (999, 1)]]
conversations = [[{"role": "user", "content": question}] for question in questions]
for question, output in zip(
    questions,
    llm.chat(conversations, SamplingParams(temperature=0)),
    strict=True,
):
    print(question, output.outputs[0].text)
