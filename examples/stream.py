"""Print an answer as it comes; leaving the loop early ends the request."""

from yunqi import LLM, SamplingParams

llm = LLM("nano")
question = [{"role": "user", "content": "What is 47 x 8?"}]
section = "reasoning"
for event in llm.chat_stream(question, SamplingParams(temperature=0)):
    if event.type in ("reasoning", "text"):
        print("\n\n" if event.type != section else "", event.text, sep="", end="", flush=True)
        section = event.type
print()
assert llm.last_output is not None
print(len(llm.last_output.outputs[0].token_ids), "tokens")
