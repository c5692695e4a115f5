"""Calls in the qwen3_coder form that are held: what is read of them is of the schema, whatever a model says."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.test_grammar import (
    ASK,
    FREE,
    POINT,
    REQUIRED,
    TOKENIZER,
    check_calls,
    function,
    held,
    run,
    saying,
    valid,
)
from yunqi.common.errors import YunqiError
from yunqi.engine.grammar_text import calls_grammar
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.engine.scripted import Tokens
from yunqi.processing.chat import renderer_for
from yunqi.protocol.messages import as_tools
from yunqi.protocol.requests import ToolChoice
from yunqi.protocol.sampling import SamplingParams

ENDS = ("\n</parameter>\n", "</function>\n", "</tool_call>", "<|im_end|>")
leaves: Any = st.one_of(
    st.just({"type": "string"}),
    st.just({}),
    st.tuples(st.integers(0, 2), st.integers(2, 4)).map(
        lambda two: {"type": "string", "minLength": two[0], "maxLength": two[1]}
    ),
    st.lists(st.sampled_from(["one", "zwei", 'three"', "null", "5", "\n", ""]), min_size=1, max_size=3).map(
        lambda words: {"enum": words}
    ),
    st.just({"const": "only"}),
    st.just({"enum": ["one", None]}),
    st.just({"enum": [4, True, None, {"a": [1]}]}),
    st.just({"type": "integer", "minimum": -50, "maximum": 50}),
    st.just({"type": ["boolean", "null"]}),
    st.just({"type": ["string", "null"]}),
    st.just({"type": ["string", "integer"]}),
    st.just({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}),
    st.just({"anyOf": [{"type": "string"}, {"type": "boolean"}], "description": "either"}),
    st.just({"$ref": "#/$defs/point"}),
    st.just({"type": "array", "items": {"$ref": "#/$defs/point"}, "maxItems": 2}),
)
names = st.sampled_from(["a", "b", "größe", 'quo"te', "two words", "0"])
functions = st.builds(
    lambda properties, chosen: {
        "type": "object",
        "properties": properties,
        "required": sorted(chosen & properties.keys()),
        "additionalProperties": False,
        "$defs": {"point": POINT},
    },
    st.dictionaries(names, leaves, max_size=4),
    st.sets(names),
)


def coder(params: SamplingParams, tools: Any, choice: ToolChoice = FREE, name: str = "Qwen3-Coder-30B") -> Job:
    renderer = renderer_for(TOKENIZER, architecture="Qwen3MoeForCausalLM", name=name)
    given_form = None if "Coder" in name else "qwen3_coder"
    intake = Intake(tokenizer=TOKENIZER, renderer=renderer, max_model_len=2_500, seed=1, tool_format=given_form)
    assert intake.tool_format == "qwen3_coder"
    return intake.conversation(ASK, params, tools=as_tools(tools), tool_choice=choice)


def noise(seed: int) -> Any:
    """Logits that are a function of the seed and of all tokens so far; endings come more often, and go on."""
    endings = [TOKENIZER.encode(text) for text in ENDS] + [TOKENIZER.encode(text) for text in ('"', "}", "]", "5")]

    def policy(seen: Tokens) -> np.ndarray:
        row = np.random.default_rng([seed, len(seen), sum(seen[-3:])]).normal(size=TOKENIZER.vocab_size + 7) * 2
        for ids in endings:
            begun = max(n for n in range(len(ids)) if list(seen[len(seen) - n :]) == ids[:n])
            row[ids[begun]] += 4 + 4 * begun
        return row

    return policy


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    named=st.booleans(),
    schema=functions,
    model=st.sampled_from(["Qwen3-Coder-30B", "Qwen3-4B-Thinking-2507", "Qwen3-4B-Instruct-2507"]),
)
def test_a_required_call_is_of_its_functions_schema(seed: int, named: bool, schema: Any, model: str) -> None:
    tools = [function("point", POINT), function("other", schema), function("loose", POINT, strict=False)]
    choice = ToolChoice(mode="required", name="other" if named else None)
    ((found,),) = run(noise(seed), coder(held(None, seed=seed), tools, choice, model))
    check_calls(found, {"other": schema} if named else {"point": POINT, "other": schema, "loose": {"type": "object"}})


def test_a_strict_function_is_held_once_a_call_has_begun() -> None:
    """The model writes arguments of its own; those of a function that is not strict stay as they are."""
    wrong = "so<tool_call>\n<function=point>\n<parameter=x>\nfar\n</parameter>\n</function>\n</tool_call>"
    asked = held(None, temperature=0, max_tokens=300)
    ((free,), (kept,)) = run(
        saying(wrong), coder(asked, [function("point", POINT)]), coder(asked, [function("point", POINT, strict=True)])
    )
    assert free.tool_calls[0].arguments == '{"x": "far"}'
    assert isinstance(kept.tool_calls[0].arguments, str)
    valid(kept.tool_calls[0].arguments, POINT)
    assert kept.text == "so"


def test_a_tool_without_parameters_may_be_called_with_any() -> None:
    arguments = "<parameter=a b>\n5\n</parameter>\n<parameter=c>\n\n</parameter>\n"
    call = f"<tool_call>\n<function=f>\n{arguments}</function>\n</tool_call>"
    for schema in ({}, {"type": "object"}, {"type": "object", "additionalProperties": {"type": "string"}}):
        asked = coder(held(None, temperature=0), [function("f", schema)], REQUIRED)
        ((found,),) = run(saying(call), asked)
        assert json.loads(str(found.tool_calls[0].arguments)) == {"a b": "5", "c": ""}


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "string", "pattern": "a"}, "'pattern'"),
        ({"type": "string", "format": "date"}, "'format'"),
        ({"not": {}}, "'not'"),
        ({"type": "wish"}, "'type'"),
        ({"enum": []}, "'enum'"),
        ({"enum": ["</parameter>"]}, "'enum'"),
        ({"enum": ["a", 5]}, "constrained string"),
        ({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}, "constrained string"),
        ({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 3}]}, "another type that is constrained"),
        ({"anyOf": [{"type": "string"}], "minLength": 3}, "'anyOf'"),
        ({"$ref": "#/nowhere"}, "'$ref'"),
        ({"type": "array", "uniqueItems": True}, "'uniqueItems'"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "minimum"),
        (False, "no value"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_by_name(schema: Any, named: str) -> None:
    inside = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    with pytest.raises(YunqiError, match="of the tool 'bad' cannot be kept to") as caught:
        calls_grammar({"fine": POINT, "bad": inside}, "qwen3_coder")
    assert caught.value.code == "schema-unsupported"
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"properties": {}}]},
        {"minProperties": 1},
        {"properties": {"a>b": {}}},
        {"required": ["a"], "additionalProperties": False},
    ],
)
def test_functions_that_cannot_be_written_are_refused(schema: Any) -> None:
    with pytest.raises(YunqiError, match="of the tool 'bad' cannot be kept to"):
        calls_grammar({"bad": schema}, "qwen3_coder")


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(YunqiError, match="hermes, qwen3_coder") as caught:
        Intake(tokenizer=TOKENIZER, renderer=None, max_model_len=100, tool_format="xml")
    assert caught.value.code == "tool-format-unknown"
