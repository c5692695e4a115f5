"""The same question with more and more room to think: with too little, nano is wrong or gives up."""

from yunqi import LLM, SamplingParams

llm = LLM("nano")
question = [{"role": "user", "content": "What is 12 + 7 - 5 + 30?"}]
for budget in (0, 8, 16, 64):
    params = SamplingParams(temperature=0, thinking_budget=budget, max_tokens=512)
    answer = llm.chat(question, params)[0].outputs[0]
    print(f"at most {budget:2} thinking tokens: {answer.text!r}")
