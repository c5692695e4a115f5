"""Facts recalled: told once, at their distance, among as many rivals as chance is reckoned with."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.conversations import Mix, sample
from yunqi.data.problems import recall
from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.problems.problem import Problem
from yunqi.data.problems.recall_wording import KINDS
from yunqi.data.split import TEST_PERCENT, problems, split_of
from yunqi.eval.verifiers import verify


def told(problem: Problem) -> str:
    return " ".join(message.text for message in problem.prompt if message.role == "user")


def values_told(problem: Problem) -> list[str]:
    """Whatever is told as a fact of the kind that is asked for, about anybody."""
    kind = problem.canonical.split(":")[0]
    found = []
    for form in KINDS[kind].told:
        before, _, after = form.format(n="\0", v="\1").partition("\0")
        middle = after.partition("\1")[0]
        text = told(problem)
        at = text.find(middle)
        while at >= 0:
            name = text[:at].rsplit(" ", 1)[-1]
            if text[:at].endswith(before + name) and name[:1].isupper():
                found.append(text[at + len(middle) :].partition(".")[0])
            at = text.find(middle, at + 1)
    return found


@given(seed=st.integers(0, 2**32), distance=st.sampled_from([4, 9, 40, 80, 160, 320]))
def test_the_fact_is_told_once_among_its_rivals(seed: int, distance: int) -> None:
    problem = recall.at_distance(Random(seed), distance)
    fact, answer = problem.thought.splitlines()
    kind, name, value = problem.canonical.split(":")[:3]
    text = told(problem)
    assert text.count(fact) == 1
    assert (answer, problem.answer, problem.difficulty) == (value, value, distance)
    assert value in fact
    assert name in problem.question[-60:]
    assert len(values_told(problem)) == 1 + recall.num_rivals(distance)
    sentences = text.split(fact)[1].count(".")
    turns = sum(message.role == "assistant" for message in problem.prompt)
    assert distance <= sentences <= distance + 2 * turns + 2, kind


def test_training_stays_within_its_distance_and_the_far_ones_are_four_times_as_far() -> None:
    near = list(islice(problems(recall.SKILL, "train", 0), 300))
    assert {4, 5} <= {problem.difficulty for problem in near} <= set(range(4, 81))
    assert max(problem.difficulty for problem in near) > 70
    assert not any(problem.beyond for problem in near)
    far = next(problems(recall.SKILL, "ood", 0))
    assert far.difficulty == 4 * recall.MOST


@given(seed=st.integers(0, 2**32))
def test_a_fact_that_is_asked_from_afar_is_held_out_at_any_distance(seed: int) -> None:
    assert split_of(recall.held_out_at(Random(seed), 20, TEST_PERCENT)) == "test"
    far = recall.generate(Random(seed), beyond=True)
    near = recall.at_distance(Random(seed), 20)
    fact = far.canonical.removesuffix(":far")
    assert far.canonical != fact
    assert split_of(Problem(**{**dict_of(near), "canonical": fact})) in ("test", "dev")


def dict_of(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in problem.__dataclass_fields__}


@pytest.mark.parametrize(
    ("canonical", "text", "right"),
    [
        ("number:Anna:4821", "Anna's number is 4821.", True),
        ("number:Anna:4821:far", "4821", True),
        ("number:Anna:4821", "Anna's number is 4822.", False),
        ("number:Anna:4821", "It is 1234 or 4821.", False),
        ("number:Anna:4821", "4821 is what I read first", False),
        ("town:Ben:Rome", "Ben lives in Rome.", True),
        ("town:Ben:Rome", "Ben lives in Paris.", False),
        ("colour:Ida:green", "Ida's colour is GREEN", True),
        ("colour:Ida:green", "Not green, red.", False),
    ],
)
def test_the_answer_ends_in_the_value(canonical: str, text: str, right: bool) -> None:
    problem = Problem(
        skill="recall", difficulty=1, question="?", canonical=canonical, answer="", thought="", reply=""
    )  # fmt: skip
    assert verify(problem, text) is right


def test_it_is_asked_last_and_never_an_earlier_turn() -> None:
    mixed = Mix(skills={"sums": 1.0, recall.SKILL: 1.0}, history_share=1.0, max_earlier=3)
    random = Random(0)
    for _ in range(80):
        conversation = sample(mixed, "train", random)
        first = conversation.messages[0] if conversation.messages[0].role == "user" else conversation.messages[1]
        assert len(first.text) < 120, "every conversation here begins with an earlier turn, which is a short sum"
    assert recall.SKILL not in SKILLS, "what nano learns and is asked"
