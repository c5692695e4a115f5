"""Verifiers agree with what the generators say and with nothing else, though neither has seen the other."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import islice
from random import Random

import pytest

from yunqi.data.problems.catalogue import ALL
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.split import Split, problems
from yunqi.eval.verifiers import VERIFIERS, declined, verify
from yunqi.protocol.messages import ToolCall

ROWS = [(name, language) for name, skill in ALL.items() for language in skill.languages]
NEVER_DECLINED = [row for row in ROWS if row[0] not in ("manners", "declining")]


@cache
def drawn(skill: str, language: Language, split: Split = "train") -> tuple[Problem, ...]:
    return tuple(islice(problems(skill, split, 3, language), 300))


def test_every_skill_has_a_verifier() -> None:
    assert set(VERIFIERS) == set(ALL)


@pytest.mark.parametrize("split", ["train", "ood"])
@pytest.mark.parametrize(("skill", "language"), ROWS)
def test_the_true_reply_is_right(skill: str, language: Language, split: Split) -> None:
    for problem in drawn(skill, language, split):
        assert verify(problem, problem.reply, problem.calls), (problem.canonical, problem.reply, problem.calls)


@pytest.mark.parametrize(("skill", "language"), ROWS)
def test_silence_is_wrong(skill: str, language: Language) -> None:
    assert not any(verify(problem, "") or verify(problem, "Hmm.") for problem in drawn(skill, language))


@pytest.mark.parametrize(("skill", "language"), ROWS)
def test_a_corrupted_reply_is_wrong(skill: str, language: Language) -> None:
    random = Random(0)
    for problem in drawn(skill, language):
        text, calls = corrupted(problem, random)
        assert not verify(problem, text, calls), (problem.canonical, problem.reply, text, calls)


@pytest.mark.parametrize(("skill", "language"), NEVER_DECLINED)
def test_what_can_be_answered_is_not_declined(skill: str, language: Language) -> None:
    assert not any(declined(problem.reply) for problem in drawn(skill, language))


def asked(skill: str, canonical: str, language: Language = "en") -> Problem:
    return replace(drawn(skill, language)[0], canonical=canonical)


@pytest.mark.parametrize(
    ("problem", "right", "wrong"),
    [
        (
            asked("quotients", "12/0"),
            ("You can't divide 12 by 0.", "Dividing by zero is undefined."),
            ("The answer is 0.", "The answer is 12.", "You cannot divide by 3.", "You cannot.", "It is impossible: 4."),
        ),
        (asked("quotients", "0/5"), ("The answer is 0.",), ("You cannot divide by 0.", "You cannot divide by zero.")),
        (asked("quotients", "12/5"), ("2 remainder 2",), ("You cannot divide by zero.", "You cannot divide 12 by 0.")),
        (asked("quotients", "-12/4"), ("The answer is -3.",), ("The answer is 3.",)),
        (asked("sums", "-5+8"), ("It is 3.",), ("It is -3.", "It is 13.", "It is -13.")),
        (asked("sums", "5--8"), ("13",), ("-3", "-13")),
        (
            asked("words", "short:3,+4,-9"),
            ("There are only 7, so Tom cannot eat 9.", "Impossible, there are 7."),
            (
                "There are -2.",
                "There are 7.",
                "There are only 3, you cannot take 9.",
                "It cannot be: 2.",
                "You cannot.",
            ),
        ),
        (asked("words", "flow:7,-5"), ("2",), ("That is impossible: there are only 7, not 5.",)),
        (
            asked("dates", "date:30 February+3"),
            ("There is no 30 February.", "February 30 does not exist."),
            ("2 March", "The answer is 30 February.", "There is no 31 February.", "There is no 30 April."),
        ),
        (asked("dates", "between:3 May,31 April"), ("There is no 31 April.",), ("28", "There is no 3 May.")),
        (asked("dates", "date:30 January+3"), ("2 February",), ("There is no 30 January.",)),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_else(
    problem: Problem, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert all(verify(problem, text) for text in right)
    assert not any(verify(problem, text) for text in wrong)


def corrupted(problem: Problem, random: Random) -> tuple[str, tuple[ToolCall, ...]]:
    """The reply with its last number or word changed, or the call with another argument."""
    if problem.calls:
        call = problem.calls[0]
        arguments = dict(call.parsed_arguments())  # pyright: ignore[reportArgumentType]
        key = random.choice(sorted(arguments)) if arguments else "extra"
        arguments[key] = "something else"
        return problem.reply, (replace(call, arguments=arguments),)
    if problem.skill in ("manners", "declining") or problem.canonical.endswith("/0"):
        return "The answer is 42.", ()
    if numbers := list(re.finditer(r"(?<![\d.,])\d+", problem.reply)):
        last = numbers[-1]
        changed = str(int(last[0]) + random.randint(1, 9))
        return problem.reply[: last.start()] + changed + problem.reply[last.end() :], ()
    other = "nothing" if len(problem.answer) > 1 else "z" if problem.answer == "q" else "q"
    return problem.reply.replace(problem.answer, other), ()
