"""Tools: the call fits its tool and its request, and what is kept out of training stays out."""

from __future__ import annotations

import json
import re
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.data.problems import tools, unseen_tools
from yunqi.data.problems.problem import Problem
from yunqi.data.problems.toolbox.everyday import CALCULATORS, WEATHERS, say
from yunqi.data.problems.toolbox.grammar import draw_action, tool_is_unseen
from yunqi.data.problems.toolbox.parameters import KINDS
from yunqi.data.problems.toolbox.requests import request
from yunqi.data.split import problems

SEEDS = st.integers(0, 2**32)
GENERATORS = st.sampled_from([tools.generate, unseen_tools.generate])
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool}


def of_grammar(name: str) -> bool:
    return name not in CALCULATORS and name not in WEATHERS


@given(seed=SEEDS, generate=GENERATORS, beyond=st.booleans())
def test_the_call_fits_an_offered_tool(seed: int, generate, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    names = [tool.name for tool in problem.tools]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in names)
    if problem.canonical.startswith("say:"):
        assert not problem.calls
        return
    (call,) = problem.calls
    schema = problem.tools[names.index(call.name)].parameters
    assert set(schema["required"]) == set(call.parsed_arguments()) or not of_grammar(call.name)
    for name, value in call.parsed_arguments().items():
        described = schema["properties"][name]
        assert isinstance(value, TYPES[described["type"]])
        assert value in described.get("enum", [value])


@given(seed=SEEDS, generate=GENERATORS, beyond=st.booleans())
def test_the_canonical_form_is_the_call(seed: int, generate, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    for call in problem.calls:
        right = {"arguments": call.parsed_arguments(), "name": call.name}
        assert problem.canonical == f"call:{json.dumps(right, sort_keys=True, ensure_ascii=False)}"
        assert problem.reply == ""


@given(seed=SEEDS, generate=GENERATORS, beyond=st.booleans())
def test_every_value_stands_in_the_request_and_in_the_thought(seed: int, generate, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    for call in problem.calls:
        assert problem.thought.startswith(call.name)
        for name, value in call.parsed_arguments().items():
            if not isinstance(value, bool):
                assert f'"{name}": {value}' in problem.thought
            if not isinstance(value, bool) and of_grammar(call.name):
                assert str(value) in problem.question


@given(seed=SEEDS, thirds=st.lists(st.integers(1, 10**6), min_size=2, max_size=4))
def test_what_is_said_is_the_expression(seed: int, thirds: list[int]) -> None:
    random = Random(seed)
    operators = "".join(random.choice("+-*/") for _ in thirds[1:])
    expression, said = say(random, [str(number) for number in thirds], operators)
    assert re.findall(r"\d+", said) == re.findall(r"\d+", expression) == [str(number) for number in thirds]
    assert re.sub(r"\d", "", expression) == operators


@given(seed=SEEDS)
def test_talk_needs_no_tool_and_is_answered(seed: int) -> None:
    random = Random(seed)
    problem = next(p for p in iter(lambda: tools.generate(random), None) if p.canonical.startswith("say:"))
    value = problem.canonical.partition(":")[2]
    assert problem.tools
    assert value in problem.question
    assert value in problem.reply


def test_at_most_a_tenth_is_talk() -> None:
    random = Random(1)
    said = sum(tools.generate(random).canonical.startswith("say:") for _ in range(2000))
    assert 60 < said < 200


@pytest.mark.parametrize("name", ["book_table", "open_lamp", "get_invoice", "send_letter"])
def test_the_style_of_a_name_does_not_decide_whether_it_is_seen(name: str) -> None:
    verb, noun = name.split("_")
    styles = (f"{noun}_{verb}", verb + noun.capitalize(), verb.capitalize() + noun.capitalize())
    assert {tool_is_unseen(style) for style in styles} == {tool_is_unseen(name)}


def test_training_offers_no_unseen_tool_and_no_fresh_name() -> None:
    fresh = {name.replace(" ", "").lower() for kind in KINDS for name in kind.fresh}
    known = {name.replace(" ", "").lower() for kind in KINDS for name in kind.names}
    assert fresh
    assert not fresh & known
    offered = [tool for problem in islice(problems("tools", "train", 3), 800) for tool in problem.tools]
    assert len(offered) > 800
    for tool in offered:
        assert not tool_is_unseen(tool.name) or not of_grammar(tool.name)
        assert not fresh & {name.replace("_", "").lower() for name in tool.parameters["properties"]}


@given(seed=SEEDS, beyond=st.booleans())
def test_unseen_problems_call_unseen_tools(seed: int, beyond: bool) -> None:
    problem = unseen_tools.generate(Random(seed), beyond=beyond)
    assert problem.skill == "unseen_tools"
    assert tool_is_unseen(problem.calls[0].name)
    assert all(tool_is_unseen(tool.name) for tool in problem.tools)


@given(seed=SEEDS)
def test_beyond_has_four_arguments_and_training_at_most_three(seed: int) -> None:
    assert len(tools.generate(Random(seed), beyond=True).calls[0].parsed_arguments()) == 4
    assert all(len(call.parsed_arguments()) < 4 for call in tools.generate(Random(seed)).calls)


@given(seed=SEEDS, count=st.integers(0, 4))
@settings(max_examples=60)
def test_a_request_names_its_action(seed: int, count: int) -> None:
    random = Random(seed)
    action = draw_action(random, count)
    asked = request(random, action, only_noun=False)
    assert asked == asked.strip()
    assert action.name in asked or action.noun in asked.lower()


def test_the_space_is_wide() -> None:
    random = Random(8)
    drawn: list[Problem] = [tools.generate(random) for _ in range(1500)]
    assert len({problem.canonical for problem in drawn}) > 1400
    assert len({tool.name for problem in drawn for tool in problem.tools}) > 1200


@given(seed=SEEDS, beyond=st.booleans(), generate=GENERATORS)
def test_generate_is_a_function_of_the_seed(seed: int, beyond: bool, generate) -> None:
    assert generate(Random(seed), beyond=beyond) == generate(Random(seed), beyond=beyond)
