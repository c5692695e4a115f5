"""The public `LLM` over a scripted model: chats, thoughts and their budget, stops, streams, bad input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.batch import Batch
from yunqi.engine.scripted import ScriptedRunner, playing
from yunqi.engine.thinking import STOP_SENTENCE, ThinkingControl, ThinkingTokens, least_max_tokens, room_to_think
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart

Make = Callable[..., LLM]
ASK = [{"role": "user", "content": "What is 40 + 2?"}]
THOUGHT = "<think>\n40 + 2 = 42\n</think>\n\nThe answer is 42."
GREEDY = SamplingParams(temperature=0)


def free(llm: LLM) -> bool:
    """Whether every block is back."""
    blocks = llm.engine.scheduler.blocks
    return blocks.num_free == blocks.num_blocks and not llm.engine.has_requests


def test_a_chat_gives_thought_and_answer(scripted: Make, tokenizer: Tokenizer) -> None:
    llm = scripted(THOUGHT)
    output = llm.chat(ASK, GREEDY)[0]
    answer = output.outputs[0]
    assert (answer.reasoning, answer.text, answer.finish_reason) == ("40 + 2 = 42", "The answer is 42.", "stop")
    assert answer.token_ids == [*tokenizer.encode(THOUGHT), tokenizer.im_end_id]
    assert answer.num_reasoning_tokens == len(tokenizer.encode("\n40 + 2 = 42\n"))
    assert answer.num_inserted_tokens == 0
    assert output.finished
    assert output.prompt is not None
    assert output.prompt_token_ids == tokenizer.encode(output.prompt)
    assert output.metrics.time_to_first_token is not None
    assert free(llm)


def test_several_conversations_keep_their_order(scripted: Make) -> None:
    outputs = scripted(THOUGHT).chat([ASK, [*ASK, *ASK], ASK], GREEDY)
    assert [o.outputs[0].text for o in outputs] == ["The answer is 42."] * 3
    assert len(outputs[1].prompt_token_ids) > len(outputs[0].prompt_token_ids)


@pytest.mark.parametrize("budget", [1, 2, 5])
def test_a_budget_holds_and_the_answer_follows(scripted: Make, tokenizer: Tokenizer, budget: int) -> None:
    llm = scripted("<think>" + "\nthink" * 200)
    params = SamplingParams(temperature=0, thinking_budget=budget, max_tokens=200)
    answer = llm.chat(ASK, params)[0].outputs[0]
    sentence = tokenizer.encode(STOP_SENTENCE)
    assert answer.token_ids[1 + budget : 1 + budget + len(sentence)] == sentence
    assert answer.num_reasoning_tokens == budget + sentence.index(tokenizer.think_close_id)
    assert answer.num_inserted_tokens == len(sentence)
    assert "Considering the limited time" in (answer.reasoning or "")
    assert "Considering" not in answer.text
    assert answer.text.strip()
    assert len(answer.token_ids) <= 200


def test_unlimited_thinking_leaves_room_for_the_answer(scripted: Make, tokenizer: Tokenizer) -> None:
    llm = scripted("<think>" + "\nthink" * 500)
    answer = llm.chat(ASK, SamplingParams(temperature=0, max_tokens=300))[0].outputs[0]
    sentence = tokenizer.encode(STOP_SENTENCE)
    room = 300 - len(sentence) - 150
    assert answer.token_ids[1 + room : 1 + room + len(sentence)] == sentence
    assert answer.finish_reason == "length"
    assert answer.text.strip()


def test_no_room_to_think_is_an_error_that_says_how_much(scripted: Make, tokenizer: Tokenizer) -> None:
    needed = least_max_tokens(len(tokenizer.encode(STOP_SENTENCE)))
    llm = scripted(THOUGHT)
    with pytest.raises(YunqiError, match=f"at least {needed}"):
        llm.chat(ASK, SamplingParams(max_tokens=needed - 1))
    llm.chat(ASK, SamplingParams(max_tokens=needed, temperature=0))
    assert llm.chat(ASK, SamplingParams(max_tokens=2, temperature=0), enable_thinking=False)[0].outputs[0].token_ids
    assert free(llm)


@settings(max_examples=60, deadline=None)
@given(sentence=st.integers(0, 60))
def test_the_least_room_is_the_least(sentence: int) -> None:
    needed = least_max_tokens(sentence)
    assert room_to_think(needed, sentence) >= 0
    assert needed == sentence or room_to_think(needed - 1, sentence) < 0


def test_budget_zero_renders_without_thinking(scripted: Make) -> None:
    llm = scripted("The answer is 42.")
    output = llm.chat(ASK, SamplingParams(temperature=0, thinking_budget=0))[0]
    assert output.prompt is not None
    assert output.prompt.endswith("<think>\n\n</think>\n\n")
    assert output.outputs[0].reasoning is None
    assert output.outputs[0].text == "The answer is 42."


def test_budget_zero_stops_a_thinking_only_model_at_once(scripted: Make, tokenizer: Tokenizer) -> None:
    llm = scripted("well, " * 50, name="Qwen3-4B-Thinking-2507")
    answer = llm.chat(ASK, SamplingParams(temperature=0, thinking_budget=0, max_tokens=300))[0].outputs[0]
    sentence = tokenizer.encode(STOP_SENTENCE)
    assert answer.token_ids[: len(sentence)] == sentence
    assert answer.text.strip()


def test_an_end_token_cannot_follow_the_thought(scripted: Make, tokenizer: Tokenizer) -> None:
    llm = scripted("<think>\nwell\n</think>\n\n")  # then its end token, at once
    answer = llm.chat(ASK, SamplingParams(temperature=0, max_tokens=300))[0].outputs[0]
    thought = tokenizer.encode("<think>\nwell\n</think>\n\n")
    assert answer.token_ids[: len(thought)] == thought
    assert answer.token_ids[len(thought)] not in tokenizer.eos_ids
    assert answer.text != ""


def test_tools_come_out_as_calls(scripted: Make) -> None:
    call = '<tool_call>\n{"name": "add", "arguments": {"a": 40, "b": 2}}\n</tool_call>'
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    llm = scripted("<think>\nwell\n</think>\n\n" + call)
    answer = llm.chat(ASK, GREEDY, tools=[tool])[0].outputs[0]
    assert answer.finish_reason == "tool_calls"
    assert [(c.name, c.parsed_arguments()) for c in answer.tool_calls] == [("add", {"a": 40, "b": 2})]
    assert answer.text == ""
    assert scripted(call).chat(ASK, GREEDY, enable_thinking=False)[0].outputs[0].text == call


@pytest.mark.parametrize(
    ("name", "mode"), [(None, "hybrid"), ("Qwen3-4B-Thinking-2507", "always"), ("Qwen3-4B-Instruct-2507", "none")]
)
def test_it_says_whether_it_thinks(scripted: Make, name: str | None, mode: str) -> None:
    assert scripted("42", name=name).thinking_mode == mode


def test_each_conversation_may_bring_its_own_tools(scripted: Make) -> None:
    call = '<tool_call>\n{"name": "add", "arguments": {"a": 40, "b": 2}}\n</tool_call>'
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    outputs = scripted(call).chat([ASK, ASK, ASK], GREEDY, tools=[[tool], [], None], enable_thinking=False)
    assert ["add" in (output.prompt or "") for output in outputs] == [True, False, False]
    assert [len(output.outputs[0].tool_calls) for output in outputs] == [1, 0, 0]
    shared = scripted(call).chat([ASK, ASK], GREEDY, tools=[tool], enable_thinking=False)
    assert [len(output.outputs[0].tool_calls) for output in shared] == [1, 1]


def test_as_many_lists_of_tools_as_conversations(scripted: Make) -> None:
    with pytest.raises(YunqiError, match="one for each of the 3 conversations") as caught:
        scripted("42").chat([ASK] * 3, GREEDY, tools=[[], []])
    assert caught.value.code == "option-invalid"


def test_a_stream_is_the_same_as_a_chat(scripted: Make) -> None:
    llm = scripted(THOUGHT)
    events = list(llm.chat_stream(ASK, GREEDY))
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "40 + 2 = 42"
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "The answer is 42."
    assert events[-1] == Finish("stop")
    assert not any(isinstance(e, ToolCallStart | ToolCallDelta) for e in events)
    assert llm.last_output is not None
    assert llm.last_output.outputs == llm.chat(ASK, GREEDY)[0].outputs


def test_closing_a_stream_frees_its_blocks(scripted: Make) -> None:
    llm = scripted("<think>" + "\nthink" * 500)
    stream = llm.chat_stream(ASK, GREEDY)
    for _ in range(5):
        next(stream)
    assert not free(llm)
    stream.close()  # pyright: ignore
    assert free(llm)
    assert llm.last_output is not None
    assert llm.last_output.outputs[0].finish_reason == "abort"


def test_a_thought_can_be_stopped(scripted: Make) -> None:
    llm = scripted("<think>" + "\nthink" * 40 + "\n</think>\n\nThe answer is 42.")
    stream = llm.chat_stream(ASK, SamplingParams(temperature=0, max_tokens=400))
    for _ in range(5):
        assert isinstance(next(stream), ReasoningDelta)
    (request_id,) = llm.engine._requests
    llm.engine.stop_thinking(request_id)
    assert (
        "".join(e.text for e in stream if isinstance(e, ReasoningDelta)).strip().startswith("Considering the limited")
    )
    assert llm.last_output is not None
    answer = llm.last_output.outputs[0]
    assert (answer.reasoning or "").count("think") < 10
    assert "Considering" not in answer.text
    assert answer.text.strip()
    llm.engine.stop_thinking(request_id)  # gone: no error


def test_a_stop_before_or_after_a_thought(tokenizer: Tokenizer) -> None:
    assert tokenizer.think_open_id is not None
    assert tokenizer.think_close_id is not None
    sentence = (*tokenizer.encode("enough"), tokenizer.think_close_id)
    word = tokenizer.encode("word")[0]
    tokens = ThinkingTokens(
        open_id=tokenizer.think_open_id,
        close_id=tokenizer.think_close_id,
        sentence=sentence,
        is_blank=lambda token: False,
        begins_call=lambda token: False,
    )
    before = ThinkingControl(tokens, "auto", None, 400)
    before.stop()
    assert before.next(tokens.open_id) == (tokens.open_id,)
    assert before.next(word) == sentence
    for control in (before, ThinkingControl(tokens, "off", None, 400)):
        control.stop()
        assert control.next(word) == (word,)


def test_two_streams_and_a_call_between(scripted: Make) -> None:
    llm = scripted(THOUGHT)
    first, second = llm.chat_stream(ASK, GREEDY), llm.chat_stream([*ASK, *ASK], GREEDY)
    begun = [next(first), next(second)]
    assert llm.chat(ASK, GREEDY)[0].outputs[0].text == "The answer is 42."
    for stream, event in zip((first, second), begun, strict=True):
        events = [event, *stream]
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "The answer is 42."
    assert free(llm)


def test_an_abort_gives_out_what_was_held_back(scripted: Make) -> None:
    llm = scripted("The answer is 42.")
    params = SamplingParams(temperature=0, stop="answer is 43")
    stream = llm.chat_stream(ASK, params, enable_thinking=False)
    shown = next(stream)
    for _ in range(8):
        llm.engine.step()  # steps of another caller: the events wait
    stream.close()  # pyright: ignore
    assert isinstance(shown, TextDelta)
    assert llm.last_output is not None
    assert llm.last_output.outputs[0].text.startswith(shown.text)


def test_a_thought_that_would_end_the_request_is_closed(scripted: Make, tokenizer: Tokenizer) -> None:
    answer = scripted("<think>\nwell").chat(ASK, SamplingParams(temperature=0, max_tokens=300))[0].outputs[0]
    assert "Considering the limited time" in (answer.reasoning or "")
    assert answer.text.strip()
    assert scripted("").chat(ASK, SamplingParams(temperature=0, max_tokens=300))[0].outputs[0].text.strip()


def test_a_tool_tag_in_a_thought_does_not_lift_the_budget(scripted: Make) -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    llm = scripted("<think>\nwell <tool_call> is a tag" + "\nthink" * 300)
    params = SamplingParams(temperature=0, max_tokens=600, thinking_budget=30)
    answer = llm.chat(ASK, params, tools=[tool])[0].outputs[0]
    assert "Considering the limited time" in (answer.reasoning or "")
    assert answer.text.strip()


def test_a_stream_has_one_answer(scripted: Make) -> None:
    with pytest.raises(YunqiError, match="n=2"):
        scripted(THOUGHT).chat_stream(ASK, SamplingParams(n=2))


def test_thinking_off_on_a_model_that_always_thinks(scripted: Make) -> None:
    llm = scripted("well, " * 50, name="Qwen3-4B-Thinking-2507")
    answer = llm.chat(ASK, SamplingParams(temperature=0, max_tokens=300), enable_thinking=False)[0].outputs[0]
    assert (answer.reasoning or "").startswith("Considering the limited time")


def test_no_think_needs_no_room_to_think(scripted: Make) -> None:
    ask = [{"role": "user", "content": "What is 40 + 2? /no_think"}]
    answer = scripted("42").chat(ask, SamplingParams(temperature=0, max_tokens=4))[0].outputs[0]
    assert answer.text == "42"


def test_min_tokens_holds_stop_strings_back(scripted: Make) -> None:
    llm = scripted("The answer is 42. The answer is 42.")
    params = SamplingParams(temperature=0, stop="answer", min_tokens=6)
    answer = llm.chat(ASK, params, enable_thinking=False)[0].outputs[0]
    assert answer.text.startswith("The answer is")
    assert answer.stop_reason == "answer"


def test_an_interrupt_ends_every_request(tokenizer: Tokenizer) -> None:
    def policy(seen: Any) -> int:
        if len(seen) > 20:
            raise KeyboardInterrupt
        return 65

    llm = LLM.over(ScriptedRunner(policy, vocab_size=tokenizer.vocab_size), tokenizer=tokenizer)
    with pytest.raises(KeyboardInterrupt):
        llm.generate([[1, 2], [3] * 9], SamplingParams(max_tokens=50))
    assert free(llm)
    assert llm.generate([[1]], SamplingParams(max_tokens=3, temperature=0))[0].outputs[0].token_ids == [65] * 3


def test_stop_strings(scripted: Make) -> None:
    llm = scripted(THOUGHT)
    answer = llm.chat(ASK, SamplingParams(temperature=0, stop="is 4"))[0].outputs[0]
    assert (answer.text, answer.finish_reason, answer.stop_reason) == ("The answer ", "stop", "is 4")
    assert answer.reasoning == "40 + 2 = 42"
    params = SamplingParams(temperature=0, stop=["zzz", "answer"], include_stop_str_in_output=True)
    assert llm.chat(ASK, params)[0].outputs[0].text == "The answer"
    unmet = llm.chat(ASK, SamplingParams(temperature=0, stop="42.!"))[0].outputs[0]
    assert (unmet.text, unmet.stop_reason) == ("The answer is 42.", None)
    text = "".join(e.text for e in llm.chat_stream(ASK, SamplingParams(temperature=0, stop="is 4")) if e.type == "text")
    assert text == "The answer "
    assert free(llm)


def test_generate_takes_every_form_of_prompt(tokenizer: Tokenizer) -> None:
    script = [*tokenizer.encode("so 42."), tokenizer.im_end_id]
    for prompt in ("The answer", tokenizer.encode("The answer"), {"prompt": "The answer"}):
        length = len(tokenizer.encode("The answer"))
        runner = ScriptedRunner(playing(length, script), vocab_size=tokenizer.vocab_size)
        output = LLM.over(runner, tokenizer=tokenizer).generate(prompt, GREEDY)[0]
        assert output.outputs[0].text == "so 42."
        assert output.outputs[0].token_ids[-1] == tokenizer.im_end_id
    runner = ScriptedRunner(playing(length, script), vocab_size=tokenizer.vocab_size)
    kept = (
        LLM.over(runner, tokenizer=tokenizer)
        .generate("The answer", SamplingParams(temperature=0, ignore_eos=True, max_tokens=len(script) + 2))[0]
        .outputs[0]
    )
    assert kept.token_ids == script + [tokenizer.im_end_id] * 2
    assert kept.finish_reason == "length"


def test_n_answers_are_different_draws_of_one_seed(tokenizer: Tokenizer) -> None:
    def policy(seen: Any) -> Any:
        return np.zeros(tokenizer.vocab_size, dtype=np.float32)

    llm = LLM.over(ScriptedRunner(policy, vocab_size=tokenizer.vocab_size), tokenizer=tokenizer)
    params = SamplingParams(n=3, seed=5, temperature=1, max_tokens=8, ignore_eos=True)
    first, again = (llm.generate([[1, 2]], params)[0] for _ in range(2))
    tokens = [answer.token_ids for answer in first.outputs]
    assert [answer.index for answer in first.outputs] == [0, 1, 2]
    assert len({tuple(t) for t in tokens}) == 3
    assert tokens == [answer.token_ids for answer in again.outputs]
    seeded = LLM.over(ScriptedRunner(policy, vocab_size=tokenizer.vocab_size), tokenizer=tokenizer, seed=0)
    several = seeded.generate([[1, 2]] * 4, SamplingParams(temperature=1, max_tokens=8))
    assert len({tuple(output.outputs[0].token_ids) for output in several}) == 4
    unseeded = [llm.generate([[1]], SamplingParams(max_tokens=8, temperature=1))[0].outputs[0] for _ in range(2)]
    assert unseeded[0].token_ids != unseeded[1].token_ids


def test_logprobs(tokenizer: Tokenizer) -> None:
    runner = ScriptedRunner(playing(3, [7, 8]), vocab_size=tokenizer.vocab_size)
    llm = LLM.over(runner, tokenizer=tokenizer)
    output = llm.generate([[1, 2, 3]], SamplingParams(temperature=0, logprobs=2, prompt_logprobs=1, max_tokens=2))[0]
    answer = output.outputs[0]
    assert answer.logprobs is not None
    assert [row[token].rank for row, token in zip(answer.logprobs, answer.token_ids, strict=True)] == [1, 1]
    assert all(len(row) in (2, 3) for row in answer.logprobs)
    assert answer.cumulative_logprob == pytest.approx(
        sum(r[t].logprob for r, t in zip(answer.logprobs, [7, 8], strict=True))
    )
    assert output.prompt_logprobs is not None
    assert output.prompt_logprobs[0] is None
    assert [set(row or ()) >= {token} for row, token in zip(output.prompt_logprobs[1:], [2, 3], strict=True)] == [
        True
    ] * 2


def test_token_ids_alone_need_no_tokenizer() -> None:
    llm = LLM.over(ScriptedRunner(playing(2, [5, 6]), vocab_size=50))
    output = llm.generate([1, 2], SamplingParams(temperature=0, max_tokens=2))[0]
    assert (output.prompt, output.outputs[0].token_ids, output.outputs[0].text) == (None, [5, 6], "")
    with pytest.raises(YunqiError, match="no tokenizer"):
        llm.chat(ASK)
    with pytest.raises(YunqiError, match="no tokenizer"):
        llm.generate("text")


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda llm: llm.generate([[]]), "prompt is empty"),
        (lambda llm: llm.generate([[10**6]]), "outside the vocabulary"),
        (lambda llm: llm.generate([[-1]]), "outside the vocabulary"),
        (lambda llm: llm.generate([[1] * 5000]), "context holds 3200"),
        (lambda llm: llm.chat([]), "cannot be rendered"),
        (lambda llm: llm.chat([{"role": "wizard", "content": "x"}]), "role 'wizard'"),
        (lambda llm: llm.generate(None), "NoneType is no prompt"),
        (lambda llm: llm.generate([[1.5, 2]]), "float is no prompt"),
        (lambda llm: llm.generate([[True]]), "bool is no prompt"),
        (lambda llm: llm.generate(b"ab"), "bytes is no prompt"),
        (lambda llm: llm.generate([{}]), "prompt is empty"),
        (lambda llm: llm.generate([1, 2], {"temperature": 0}), "sampling_params"),
        (lambda llm: llm.chat("hello"), "messages is of type str"),
        (lambda llm: llm.chat(["hello"]), "message is of type str"),
        (lambda llm: llm.chat({"role": "user", "content": "x"}), "messages is of type dict"),
        (lambda llm: llm.chat(ASK, tools={"name": "x"}), "tools is of type dict"),
        (lambda llm: llm.chat(ASK, tools=["x"]), "tool has no name"),
        (lambda llm: llm.generate([1], SamplingParams(logit_bias={10**6: 1})), "outside the vocabulary"),
        (lambda llm: llm.generate([[1], [2]], [SamplingParams()]), "each of the 2 prompts"),
    ],
)
def test_bad_input_is_one_sentence(scripted: Make, call: Callable[[LLM], Any], words: str) -> None:
    llm = scripted("42")
    with pytest.raises(ValueError, match=words):
        call(llm)
    assert free(llm)


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -1},
        {"temperature": float("nan")},
        {"temperature": True},
        {"top_p": 0},
        {"top_p": 1.5},
        {"min_p": -0.1},
        {"top_k": -5},
        {"n": 0},
        {"max_tokens": 0},
        {"max_tokens": 2.5},
        {"min_tokens": 5, "max_tokens": 4},
        {"repetition_penalty": 0},
        {"presence_penalty": 3},
        {"logprobs": -1},
        {"thinking_budget": -1},
        {"stop": [""]},
        {"stop": 5},
        {"stop": [1]},
        {"stop_token_ids": 5},
        {"stop_token_ids": ["a"]},
        {"stop_token_ids": [-1]},
        {"logit_bias": {"x": 1}},
        {"logit_bias": {1.5: 1}},
        {"logit_bias": [1]},
        {"ignore_eos": "no"},
        {"logit_bias": {1: 1000}},
        {"seed": 2**70},
    ],
)
def test_absurd_sampling_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SamplingParams(**wrong)


def test_numbers_of_any_kind_are_taken(tokenizer: Tokenizer) -> None:
    params = SamplingParams(temperature=np.float32(0), max_tokens=np.int64(2), top_k=np.int32(5), seed=np.int64(3))
    assert hash(params) == hash(SamplingParams(temperature=0, max_tokens=2, top_k=5, seed=3))
    llm = LLM.over(ScriptedRunner(playing(2, [5, 6]), vocab_size=50))
    for prompt in (np.array([1, 2]), [np.int64(1), 2], (1, 2), [[1, 2]], np.array([[1, 2]])):
        assert llm.generate(prompt, params)[0].outputs[0].token_ids == [5, 6]


def test_threads_share_an_llm(tokenizer: Tokenizer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    llm = LLM.over(ScriptedRunner(lambda seen: seen[0], vocab_size=tokenizer.vocab_size), tokenizer=tokenizer)
    params = SamplingParams(temperature=0, max_tokens=40, ignore_eos=True)

    def ask(token: int) -> list[int]:
        return llm.generate([[token] * 3], params)[0].outputs[0].token_ids

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(60))) == [[token] * 40 for token in range(60)]
    assert free(llm)


class Faulty(ScriptedRunner):
    """Raises `error` once, where there is one."""

    error: BaseException | None = None

    def run(self, batch: Batch) -> np.ndarray:
        error, self.error = self.error, None
        if error is not None:
            raise error
        return super().run(batch)


def two_streams(tokenizer: Tokenizer, **more: Any) -> tuple[LLM, Faulty, Iterator[Event], Iterator[Event]]:
    """Two callers of one LLM, the first of which has begun."""
    runner = Faulty(lambda seen: seen[0], vocab_size=tokenizer.vocab_size)
    llm = LLM.over(runner, tokenizer=tokenizer, **more)
    params = SamplingParams(temperature=0, max_tokens=9, ignore_eos=True)
    one, other = (llm.generate_stream([token] * 3, params) for token in tokenizer.encode("ab"))
    next(one)
    return llm, runner, one, other


def test_a_failed_step_is_told_to_every_caller(tokenizer: Tokenizer) -> None:
    llm, runner, one, other = two_streams(tokenizer)
    next(other)
    runner.error = RuntimeError("the step failed")
    for stream in (one, other):
        with pytest.raises(RuntimeError, match="the step failed"):
            list(stream)
    assert free(llm)


def test_an_interruption_is_told_to_the_other_callers(tokenizer: Tokenizer) -> None:
    llm, runner, one, other = two_streams(tokenizer)
    next(other)
    runner.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        list(one)
    with pytest.raises(YunqiError, match="interrupted"):
        list(other)
    assert free(llm)


def test_a_step_that_fails_for_others_is_no_mistake_of_whoever_took_it(tokenizer: Tokenizer) -> None:
    llm, runner, one, other = two_streams(tokenizer, max_num_seqs=1)
    runner.error = RuntimeError("the step failed")
    assert "".join(event.text for event in other if isinstance(event, TextDelta)) == "b" * 9
    with pytest.raises(RuntimeError, match="the step failed"):
        list(one)
    assert free(llm)


def test_a_step_that_ends_nobody_is_raised(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    llm, runner, one, other = two_streams(tokenizer)
    next(other)
    runner.error = RuntimeError("the step failed")
    with pytest.raises(RuntimeError, match="the step failed"):
        list(one)  # the other has failed as well, and has not looked yet
    monkeypatch.setattr(llm.engine.scheduler, "schedule", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        llm.generate([[5, 6]])
    with pytest.raises(RuntimeError, match="the step failed"):
        list(other)
    assert free(llm)


def test_a_text_that_cannot_be_read_fails_its_own_caller(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    llm, _, one, other = two_streams(tokenizer)
    (job,) = set(llm._owners.values())
    next(other)

    def broken(*arguments: Any, **more: Any) -> Any:
        raise RuntimeError("unreadable")

    monkeypatch.setattr(job.processors[0], "push", broken)
    assert next(event for event in other if isinstance(event, Finish)).reason == "length"
    with pytest.raises(RuntimeError, match="unreadable"):
        list(one)
    assert free(llm)
