"""Ask the bundled model a question and see its thought."""

from yunqi import LLM, SamplingParams

llm = LLM("nano")
outputs = llm.chat([{"role": "user", "content": "What is 4827 + 3956?"}], SamplingParams(temperature=0))
answer = outputs[0].outputs[0]
print("thought:", answer.reasoning)
print("answer: ", answer.text)
