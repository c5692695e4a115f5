"""Results: the reply holds what the tool found, exactly, and nothing that it did not find."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems import results
from yunqi.data.problems.toolbox.everyday import CALCULATORS, WEATHERS
from yunqi.data.problems.toolbox.grammar import tool_is_unseen
from yunqi.eval.expression import evaluate

SEEDS = st.integers(0, 2**32)
DRAWS = {"seed": SEEDS, "beyond": st.booleans()}


def wanted(problem) -> list[str]:
    return problem.canonical.removeprefix("say:").split("|")


@given(**DRAWS)
def test_what_has_to_be_said_is_in_result_thought_and_reply(seed: int, beyond: bool) -> None:
    problem = results.generate(Random(seed), beyond=beyond)
    assert problem.canonical.startswith("say:")
    for text in wanted(problem):
        assert text
        assert text in problem.question
        assert text in problem.thought
        assert text in problem.reply


@given(**DRAWS)
def test_the_reply_invents_no_number(seed: int, beyond: bool) -> None:
    problem = results.generate(Random(seed), beyond=beyond)
    known = " ".join([problem.question, *(message.text for message in problem.earlier)])
    assert set(re.findall(r"\d+", problem.reply)) <= set(re.findall(r"\d+", known))


@given(**DRAWS)
def test_the_result_follows_a_call_of_the_offered_tool(seed: int, beyond: bool) -> None:
    problem = results.generate(Random(seed), beyond=beyond)
    asked, called = problem.earlier
    assert (asked.role, called.role, problem.role) == ("user", "assistant", "tool")
    (tool,), (call,) = problem.tools, called.tool_calls
    assert call.name == tool.name
    assert set(call.parsed_arguments()) <= set(tool.parameters["properties"])
    assert not problem.calls


@given(**DRAWS)
def test_tools_kept_out_of_training_do_not_answer_either(seed: int, beyond: bool) -> None:
    (tool,) = results.generate(Random(seed), beyond=beyond).tools
    assert not tool_is_unseen(tool.name) or tool.name in CALCULATORS or tool.name in WEATHERS


@given(**DRAWS)
def test_objects_are_json(seed: int, beyond: bool) -> None:
    problem = results.generate(Random(seed), beyond=beyond)
    if problem.question[0] in "{[":
        assert json.loads(problem.question)


def test_the_calculator_is_right() -> None:
    random, checked = Random(5), 0
    for number in range(1500):
        problem = results.generate(random, beyond=number % 3 == 0)
        (call,) = problem.earlier[1].tool_calls
        if call.name in CALCULATORS:
            (expression,) = call.parsed_arguments().values()
            (said,) = wanted(problem)
            assert evaluate(expression) == Fraction(said)
            checked += 1
    assert checked > 200


def test_failures_and_lists_are_told() -> None:
    random = Random(6)
    replies = [results.generate(random).reply for _ in range(1500)]
    for opening in ("That did not work: ", "I found ", "The answer is ", "In ", "Done. "):
        assert sum(reply.startswith(opening) for reply in replies) > 20, opening


@given(seed=SEEDS)
def test_beyond_says_more(seed: int) -> None:
    problem = results.generate(Random(seed), beyond=True)
    (call,) = problem.earlier[1].tool_calls
    if call.name not in CALCULATORS:
        assert len(wanted(problem)) >= 4
    assert len(wanted(results.generate(Random(seed)))) <= 3


@given(**DRAWS)
def test_generate_is_a_function_of_the_seed(seed: int, beyond: bool) -> None:
    assert results.generate(Random(seed), beyond=beyond) == results.generate(Random(seed), beyond=beyond)
