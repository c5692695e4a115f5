"""Answers and calls that are held to schemas: whatever a model would rather say, what it says is of the schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interface import mismatches
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.grammar_text import MAX_LEVELS, answer_grammar, calls_grammar
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner, Tokens
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.processing.build import train_bpe
from yunqi.processing.chat import renderer_for
from yunqi.protocol.events import ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.messages import as_tools
from yunqi.protocol.output import CompletionOutput
from yunqi.protocol.requests import ToolChoice
from yunqi.protocol.sampling import SamplingParams, StructuredOutputsParams

TOKENIZER = train_bpe(['user assistant\n<think>\nwell, {"a": 1} so\n</think>\n\n'] * 5, 400)
THINKER = "Qwen3-4B-Thinking-2507"
ASK = [{"role": "user", "content": "well"}]
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer", "minimum": -99, "maximum": 99}, "y": {"type": "boolean"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}
REQUIRED = ToolChoice(mode="required")
FREE = ToolChoice()


def held(schema: Any, **more: Any) -> SamplingParams:
    """Parameters that hold the answer to a schema; None holds nothing."""
    wanted = None if schema is None else StructuredOutputsParams(json=schema)
    return SamplingParams(**{"temperature": 1.0, "seed": 1, "max_tokens": 1500, "structured_outputs": wanted, **more})


def function(name: str, parameters: Any, strict: bool | None = None) -> dict[str, Any]:
    said = {} if strict is None else {"strict": strict}
    return {"type": "function", "function": {"name": name, "parameters": parameters, **said}}


def intake(name: str = "") -> Intake:
    renderer = renderer_for(TOKENIZER, architecture="Qwen3ForCausalLM", name=name)
    return Intake(tokenizer=TOKENIZER, renderer=renderer, max_model_len=2_500, seed=1)


def job(params: SamplingParams, *, tools: Any = (), choice: ToolChoice = FREE, name: str = "", **more: Any) -> Job:
    return intake(name).conversation(ASK, params, tools=as_tools(tools), tool_choice=choice, **more)


def run(policy: Any, *jobs: Job, num_blocks: int = 600) -> list[list[CompletionOutput]]:
    """The answers of jobs that are served together; their events must say what they say."""
    engine = Engine(
        ScriptedRunner(policy, vocab_size=TOKENIZER.vocab_size + 7, num_blocks=num_blocks), SchedulerConfig()
    )
    owners = {request: own for own in jobs for request in own.requests}
    for i, request in enumerate(owners):
        request.request_id = str(i)
        engine.add(request)
    while engine.has_requests:
        for update in engine.step():
            owners[update.request].take(update, engine.finish)
    for own in jobs:
        assert own.error is None, own.error
        check_events(own)
    return [own.output().outputs for own in jobs]


def check_events(own: Job) -> None:
    for answer in own.output().outputs:
        events = [event for index, event in own.events if index == answer.index]
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == answer.text
        assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == (answer.reasoning or "")
        assert [e.name for e in events if isinstance(e, ToolCallStart)] == [call.name for call in answer.tool_calls]
        for index, call in enumerate(answer.tool_calls):
            parts = [e.arguments for e in events if isinstance(e, ToolCallDelta) and e.index == index]
            assert "".join(parts) == call.arguments


def noise(seed: int) -> Any:
    """Logits that are a function of the seed and of all tokens so far; what ends things comes more often."""
    favoured = [token for text in ('"', "}", "]", "</think>", "<|im_end|>") for token in TOKENIZER.encode(text)]

    def policy(seen: Tokens) -> np.ndarray:
        row = np.random.default_rng([seed, len(seen), sum(seen[-3:])]).normal(size=TOKENIZER.vocab_size + 7) * 2
        row[favoured] += 4
        return row

    return policy


def saying(text: str) -> Any:
    """A model that has this text in mind, and its end; where it is led elsewhere it goes on with its own next token."""
    script = [*TOKENIZER.encode(text), TOKENIZER.im_end_id]
    return lambda seen: script[min(seen.num_outputs, len(script) - 1)]


def valid(text: str, schema: Any) -> None:
    wrong = list(mismatches(json.loads(text), schema, schema))
    assert not wrong, (wrong, text)


names = st.sampled_from(["a", "b", "größe", 'quo"te', "two words", "0"])
small = st.integers(0, 3)


def bounds(low: str, high: str) -> Any:
    return st.tuples(small, small).map(lambda two: {low: min(two), high: max(two)})


leaves: Any = st.one_of(
    bounds("minLength", "maxLength").map(lambda more: {"type": "string", **more}),
    st.just({"type": "string", "pattern": "^[a-c]{1,4}$"}),
    st.tuples(st.integers(-50, 0), st.integers(0, 50)).map(
        lambda two: {"type": "integer", "minimum": two[0], "maximum": two[1]}
    ),
    st.just({"type": "number", "minimum": -1, "maximum": 1}),
    st.just({"type": ["boolean", "null"]}),
    st.lists(st.sampled_from(["one", "zwei", 'three"', 4, None, True, {"a": [1]}]), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
    st.just({"const": {"k": [1, "v"]}}),
)


def objects(inner: Any) -> Any:
    def build(properties: dict[str, Any], chosen: set[str], extra: bool) -> dict[str, Any]:
        more = {"type": "boolean"} if extra else False
        required = sorted(chosen & properties.keys())
        bound = {"maxProperties": len(properties) + 1} if extra and not properties else {}
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": more if bound else False,
        } | bound

    return st.builds(build, st.dictionaries(names, inner, max_size=3), st.sets(names), st.booleans())


schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(lambda items, more: {"type": "array", "items": items, **more}, inner, bounds("minItems", "maxItems")),
        st.lists(inner, min_size=1, max_size=2).map(
            lambda some: {"type": "array", "prefixItems": some, "items": False, "minItems": len(some)}
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"anyOf": some}),
        st.just({"$ref": "#/$defs/point"}),
    ),
    max_leaves=6,
)


def check_answer_of_any_schema(schema: Any, seed: int, budget: int | None, model: str) -> None:
    root = {"type": "object", "properties": {"value": schema}, "required": ["value"], "additionalProperties": False}
    root["$defs"] = {"point": POINT}
    params = held(root, seed=seed, thinking_budget=None if "Instruct" in model else budget)
    ((found,),) = run(noise(seed), job(params, name=model))
    if found.finish_reason == "stop":
        valid(found.text, root)
    assert not found.tool_calls
    if budget is not None and "Instruct" not in model:
        assert found.num_reasoning_tokens <= budget + len(TOKENIZER.encode(STOP_SENTENCE))


@settings(max_examples=25)
@given(
    schema=schemas,
    seed=st.integers(0, 10_000),
    budget=st.sampled_from([None, 0, 9]),
    model=st.sampled_from(["", THINKER, "Qwen3-4B-Instruct-2507"]),
)
def test_an_answer_is_of_its_schema(schema: Any, seed: int, budget: int | None, model: str) -> None:
    check_answer_of_any_schema(schema, seed, budget, model)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=3000)
@given(
    schema=schemas,
    seed=st.integers(0, 10_000),
    budget=st.sampled_from([None, 0, 9]),
    model=st.sampled_from(["", THINKER, "Qwen3-4B-Instruct-2507"]),
)
def test_very_many_answers_are_of_their_schemas(schema: Any, seed: int, budget: int | None, model: str) -> None:
    check_answer_of_any_schema(schema, seed, budget, model)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), named=st.booleans(), budget=st.sampled_from([None, 0, 9]), schema=objects(leaves))
def test_a_required_call_is_of_its_functions_schema(seed: int, named: bool, budget: int | None, schema: Any) -> None:
    tools = [function("point", POINT), function("other", schema), function("loose", POINT, strict=False)]
    choice = ToolChoice(mode="required", name="other" if named else None)
    params = held(None, seed=seed, thinking_budget=budget)
    ((found,),) = run(noise(seed), job(params, tools=tools, choice=choice))
    check_calls(found, {"other": schema} if named else {"point": POINT, "other": schema, "loose": {"type": "object"}})


def check_calls(found: CompletionOutput, rules: dict[str, Any]) -> None:
    """There are calls, unless the answer was cut short, and each is of its function's schema."""
    if found.finish_reason == "length":
        return
    assert found.tool_calls
    for call in found.tool_calls:
        assert isinstance(call.arguments, str)
        valid(call.arguments, rules[call.name])


@pytest.mark.parametrize("thought", ["", "<think>\nwell\n</think>\n\n"])
def test_a_strict_function_is_held_once_a_call_has_begun(thought: str) -> None:
    """The model writes arguments of its own; those of a function that is not strict stay as they are."""
    wrong = '<tool_call>\n{"name": "point", "arguments": {"x": "far", "z": 1}}\n</tool_call>'
    tools = [function("point", POINT, strict=True)]
    asked = held(None, temperature=0, max_tokens=300)
    ((free,), (kept,), (text,)) = run(
        lambda seen: saying(thought + ("so" if seen[:1] != [0] else "") + wrong)(seen),
        job(asked, tools=[function("point", POINT)]),
        job(asked, tools=tools),
        job(asked, tools=[function("point", POINT, strict=False)]),
    )
    assert free.tool_calls[0].arguments == text.tool_calls[0].arguments == '{"x": "far", "z": 1}'
    assert isinstance(kept.tool_calls[0].arguments, str)
    valid(kept.tool_calls[0].arguments, POINT)
    assert kept.text.startswith("so")


def test_an_answer_may_be_a_call_where_there_are_tools() -> None:
    call = '<tool_call>\n{"name": "point", "arguments": {"x": 1, "y": true}}\n</tool_call>'
    asked = held(POINT, temperature=0, max_tokens=400)
    tools = [function("point", POINT)]
    ((called,),) = run(saying(f"{call}\n{call}"), job(asked, tools=tools, enable_thinking=False))
    assert [c.arguments for c in called.tool_calls] == ['{"x": 1, "y": true}'] * 2
    assert (called.text.strip(), called.finish_reason) == ("", "tool_calls")
    ((said,),) = run(saying('{"x": 5, "y": false}'), job(asked, tools=tools, enable_thinking=False))
    assert (said.text, said.tool_calls, said.finish_reason) == ('{"x": 5, "y": false}', (), "stop")
    for seed in range(10):
        ((either,),) = run(noise(seed), job(held(POINT, seed=seed), tools=tools, enable_thinking=False))
        if not either.tool_calls:
            valid(either.text, POINT)


@pytest.mark.parametrize("model", ["", THINKER])
@pytest.mark.parametrize("budget", [None, 4])
def test_a_thought_is_the_models_own(model: str, budget: int | None) -> None:
    """Not a token of it is held; the stop sentence and the lines behind a thought come as ever; then the schema."""
    thought = "well, well <tool_call> so well"
    opening = "" if model else "<think>\n"
    policy = saying(f"{opening}{thought}\n</think>\n\n" + '{"x": 7, "y": true}')
    ((found,),) = run(policy, job(held(POINT, temperature=0, thinking_budget=budget, max_tokens=400), name=model))
    assert found.reasoning
    text = TOKENIZER.decode(found.token_ids)
    if budget is None:
        assert found.reasoning == thought
        assert text.endswith('</think>\n\n{"x": 7, "y": true}')
        assert found.text == '{"x": 7, "y": true}'
    else:
        assert STOP_SENTENCE in text
        valid(found.text, POINT)


def test_an_answer_depends_on_nothing_but_itself() -> None:
    """Alone, among others, and with so little memory that requests are interrupted, an answer has the same tokens."""

    def jobs() -> list[Job]:
        return [job(held(POINT, seed=seed, n=2, thinking_budget=20)) for seed in range(4)]

    together = run(noise(3), *jobs())
    assert [run(noise(3), one)[0] for one in jobs()] == together
    assert run(noise(3), *jobs(), num_blocks=110) == together
    answers = [answer for outputs in together for answer in outputs]
    assert len({tuple(answer.token_ids) for answer in answers}) == 8


def test_limits_keep_their_meaning() -> None:
    """An end in time, at least so many tokens, no end token at all, a stop string: the grammar stands below them."""
    policy = saying('{"x": 5, "y": false}')
    ask = {"temperature": 0, "thinking_budget": None}

    def told(schema: Any, **more: Any) -> CompletionOutput:
        return run(policy, job(held(schema, **(ask | more)), enable_thinking=False))[0][0]

    assert told(POINT, max_tokens=4).finish_reason == "length"
    for more in ({"min_tokens": 60}, {"ignore_eos": True}):
        found = told(POINT, **more)
        assert (found.text, found.finish_reason) == ('{"x": 5, "y": false}', "stop")
    stopped = told(POINT, stop=", ")
    assert (stopped.text, stopped.stop_reason) == ('{"x": 5', ", ")
    assert len(told({"type": "integer", "minimum": 1000}, min_tokens=3, max_tokens=20).text) > 3


def test_a_plain_text_is_continued_with_json() -> None:
    own = intake().prompt("well", held(POINT, temperature=0))
    ((found,),) = run(saying("nothing of the kind"), own)
    valid(found.text, POINT)


UNSUPPORTED: list[tuple[Any, str]] = [
    ({"not": {"type": "string"}}, "'not'"),
    ({"type": "array", "uniqueItems": True}, "'uniqueItems'"),
    ({"properties": {"a": {"if": {}, "then": {}}}}, "'if', 'then'"),
    ({"type": "object", "dependentRequired": {"a": ["b"]}}, "'dependentRequired'"),
    ({"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object"}]}, "'oneOf'"),
    ({"type": "string", "pattern": "(?=a)b"}, "'pattern'"),
    ({"type": "string", "format": "weird"}, "'format'"),
    ({"type": "wish"}, "'type'"),
    ({"$ref": "#/$defs/none"}, "'$ref'"),
    ({"$ref": "http://example.com/schema"}, "$ref"),
    ({"type": "integer", "minimum": 5, "maximum": 3}, "minimum"),
    ({"type": "string", "not": {}, "x-guidance": {"lenient": True}}, "'not'"),
    ({"enum": []}, "empty"),
    (False, "'not'"),
    ([], "no object"),
    ({"const": float("nan")}, "no JSON"),
    ({"enum": ["x" * 100_000]}, "64 KiB"),
    ({"properties": {f"p{i}": {} for i in range(501)}}, "500 properties"),
    ({"$ref": "#/$defs/0", "$defs": {str(i): {"$ref": f"#/$defs/{i + 1}"} for i in range(1200)}}, f"{MAX_LEVELS}"),
]


@pytest.mark.parametrize("schema, named", UNSUPPORTED, ids=[str(named) for _, named in UNSUPPORTED])
def test_what_cannot_be_kept_to_is_refused_by_name(schema: Any, named: str) -> None:
    with pytest.raises(YunqiError, match="of the answer cannot be kept to") as caught:
        answer_grammar(schema)
    assert caught.value.code == "schema-unsupported"
    assert named in str(caught.value)
    if isinstance(schema, dict):
        inside = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
        with pytest.raises(YunqiError, match="of the tool 'bad' cannot be kept to"):
            calls_grammar({"fine": POINT, "bad": inside})


def test_a_schema_that_nobody_asks_to_keep_may_be_anything() -> None:
    odd = {"type": "object", "not": {}}
    with pytest.raises(YunqiError, match="the tool 'odd' cannot be kept to: it uses 'not'"):
        job(held(None), tools=[function("odd", odd)], choice=REQUIRED)
    job(held(None), tools=[function("odd", odd)])
    job(held(None), tools=[function("odd", odd, strict=False)], choice=REQUIRED)


def test_a_message_to_be_continued_is_not_held() -> None:
    turns = [*ASK, {"role": "assistant", "content": "so"}]
    with pytest.raises(YunqiError, match="continued"):
        intake().conversation(turns, held(POINT), continue_final_message=True)


def test_parameters_are_checked() -> None:
    for wrong in ({}, {"json": {}, "json_object": True}):
        with pytest.raises(YunqiError):
            StructuredOutputsParams(**wrong)
    assert StructuredOutputsParams(json='{"type": "null"}').schema == {"type": "null"}
    with pytest.raises(YunqiError):
        replace(SamplingParams(), structured_outputs={"json": {}})  # pyright: ignore
