"""A model that must call a tool does, whatever it would rather say, with and without a thought."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.intake import Intake
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner, Tokens
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.processing.build import train_bpe
from yunqi.processing.chat import renderer_for
from yunqi.protocol.messages import as_tools
from yunqi.protocol.output import CompletionOutput
from yunqi.protocol.requests import ToolChoice
from yunqi.protocol.sampling import SamplingParams

TOKENIZER = train_bpe(["user assistant\n<think>\nwell, I think so\n</think>\n\n"] * 5, 400)
NAMES = ["add", "add_all", "get_weather", "größe"]
TOOLS = as_tools([{"type": "function", "function": {"name": name, "parameters": {}}} for name in NAMES])
ASK = [{"role": "user", "content": "well"}]


def answer(policy: Any, choice: ToolChoice, params: SamplingParams, name: str = "", **more: Any) -> CompletionOutput:
    """What a model that follows `policy` says where it must choose so."""
    renderer = renderer_for(TOKENIZER, architecture="Qwen3ForCausalLM", name=name)
    intake = Intake(tokenizer=TOKENIZER, renderer=renderer, max_model_len=2_000, seed=1)
    runner = ScriptedRunner(policy, vocab_size=TOKENIZER.vocab_size, num_blocks=200)
    engine = Engine(runner, SchedulerConfig())
    job = intake.conversation(ASK, params, tools=TOOLS, tool_choice=choice, **more)
    for request in job.requests:
        engine.add(request)
    while engine.has_requests:
        for update in engine.step():
            job.take(update, engine.finish)
    return job.output().outputs[0]


def saying(text: str) -> Any:
    """A model that has this text in mind and its end; where it is led elsewhere it goes on with its own next token."""
    script = [*TOKENIZER.encode(text), TOKENIZER.im_end_id]
    return lambda seen: script[min(seen.num_outputs, len(script) - 1)]


def noise(seed: int) -> Any:
    """Logits that are a function of the seed and the place."""

    def policy(seen: Tokens) -> np.ndarray:
        return np.random.default_rng([seed, len(seen)]).normal(size=TOKENIZER.vocab_size) * 5

    return policy


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    name=st.sampled_from([None, *NAMES]),
    budget=st.sampled_from([None, 0, 3, 20]),
    model=st.sampled_from(["", "Qwen3-4B-Thinking-2507", "Qwen3-4B-Instruct-2507"]),
)
def test_a_call_comes_first_whatever_the_model_wants(
    seed: int, name: str | None, budget: int | None, model: str
) -> None:
    if "Instruct" in model:
        budget = None
    params = SamplingParams(temperature=1.0, seed=seed, max_tokens=400, thinking_budget=budget)
    found = answer(noise(seed), ToolChoice(mode="required", name=name), params, name=model)
    text = TOKENIZER.decode(found.token_ids)
    thought, closed, said = text.rpartition("</think>\n\n") if "</think>" in text else ("", "", text)
    assert said.startswith('<tool_call>\n{"name": "'), text
    assert "<tool_call>" not in thought
    assert found.tool_calls[0].name in ([name] if name else NAMES)
    assert json.loads(said.removeprefix("<tool_call>\n").partition(', "arguments":')[0] + "}")["name"] in NAMES
    if budget is not None and closed:
        assert found.num_reasoning_tokens <= budget + len(TOKENIZER.encode(STOP_SENTENCE))


def test_a_thought_that_closes_itself_is_followed_by_the_call() -> None:
    found = answer(
        saying("<think>\nwell\n</think>\n\nI think so"),
        ToolChoice(mode="required", name="add"),
        SamplingParams(temperature=0, max_tokens=300),
    )
    assert TOKENIZER.decode(found.token_ids).startswith(
        '<think>\nwell\n</think>\n\n<tool_call>\n{"name": "add", "arguments":'
    )
    assert (found.reasoning, found.tool_calls[0].name) == ("well", "add")


def test_a_model_that_calls_by_itself_is_let_alone() -> None:
    text = '<tool_call>\n{"name": "get_weather", "arguments": {"a": 1}}\n</tool_call>'
    found = answer(saying(text), ToolChoice(mode="required"), SamplingParams(temperature=0), enable_thinking=False)
    assert TOKENIZER.decode(found.token_ids).startswith(text)
    assert (found.tool_calls[0].name, found.tool_calls[0].arguments) == ("get_weather", '{"a": 1}')
    assert found.finish_reason == "tool_calls"


@pytest.mark.parametrize("choice", [ToolChoice(mode="required", name="subtract"), ToolChoice(mode="required")])
def test_a_choice_that_cannot_be_kept_is_refused(choice: ToolChoice) -> None:
    intake = Intake(
        tokenizer=TOKENIZER, renderer=renderer_for(TOKENIZER, architecture="Qwen3ForCausalLM"), max_model_len=900
    )
    with pytest.raises(YunqiError) as caught:
        intake.conversation(ASK, None, tools=TOOLS if choice.name else (), tool_choice=choice)
    assert caught.value.code == "tool-choice-invalid"
