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
            (
                "The answer is 0.",
                "The answer is 12.",
                "You cannot divide by 3.",
                "You cannot.",
                "It is impossible: 4.",
                "The answer is 0. You cannot get more than 0.",
            ),
        ),
        (
            asked("quotients", "12/0", "de"),
            ("Durch 0 darf man nicht teilen.", "Das geht nicht: 12 durch null.", "12/0 ist nicht definiert."),
            (
                "Das Ergebnis ist nicht 0, sondern 12.",
                "Das Ergebnis ist 0. Mehr kann es nicht sein.",
                "Es ist nicht 0.",
            ),
        ),
        (
            asked("quotients", "12/0", "zh"),
            ("不能除以0。", "除以零没有意义。", "除数不能等于0。"),
            ("12÷0=0，没有余数。", "答案是0，没有余数。", "答案是0，不能再除。"),
        ),
        (asked("quotients", "0/5"), ("The answer is 0.",), ("You cannot divide by 0.", "You cannot divide by zero.")),
        (asked("quotients", "0/5", "de"), ("Die Antwort ist 0.",), ("Das geht nicht: 0.", "0 kann man nicht teilen.")),
        (asked("quotients", "0/5", "zh"), ("答案是0，没有余数。",), ("不能除以0。", "除以0没有意义。")),
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
        (
            asked("words", "short:7,-9"),
            (
                "There are only 7, so Tom cannot eat 9.",
                "That is impossible: there are only 7, not 9.",
                "You cannot eat 9 of 7.",
                "You can't take 9 from 7.",
                "Tom has 7, and he cannot eat more than 7.",
                "Tom does not have 9 apples, only 7, so that is impossible.",
                "Tom cannot give away 9, he only has 7.",
            ),
            (
                "There are only 9, not 7.",
                "That is impossible: there are only 9, not 7.",
                "Impossible, he only has 9 and not 7.",
                "You cannot eat 7 of 9.",
                "You cannot eat 7 apples out of 9.",
                "You can't take 7 from 9.",
                "There are 9, so Tom cannot eat 7.",
                "Tom cannot give away 7 when 9 are there.",
            ),
        ),
        (
            asked("words", "short:7,-9", "de"),
            (
                "Das geht nicht: Es sind nur 7 da, nicht 9.",
                "Es sind nur 7, nicht 9.",
                "Er hat 7 und kann deshalb nicht 9 essen.",
                "Er hat nicht genug: 7.",
            ),
            (
                "Das geht nicht: Es sind nur 9 da, nicht 7.",
                "Man kann 7 von 9 nicht essen.",
                "Es bleiben 7, nicht 9.",
                "Er hat 9, also kann er 7 nicht essen.",
            ),
        ),
        (
            asked("words", "short:7,-9", "zh"),
            ("这不可能：只有7颗，没有9颗。", "只有7颗，不能吃9颗。", "没有9颗，只有7颗。", "从7颗里不能拿9颗。"),
            ("还剩7颗，没有9颗", "这不可能：只有9颗，没有7颗。", "有9颗，不能吃7颗。", "从9颗里不能拿7颗。"),
        ),
        (asked("words", "flow:7,-5"), ("2",), ("That is impossible: there are only 7, not 5.",)),
        (
            asked("dates", "date:30 February+3"),
            ("There is no 30 February.", "February 30 does not exist."),
            ("2 March", "The answer is 30 February.", "There is no 31 February.", "There is no 30 April."),
        ),
        (asked("dates", "between:3 May,31 April"), ("There is no 31 April.",), ("28", "There is no 3 May.")),
        (asked("dates", "date:30 April+3"), ("3 May", "It is May 3rd."), ("There is no 3 May.", "2 May")),
        (asked("dates", "date:30 April+3", "de"), ("Das ist der 3. Mai.",), ("Den 3. Mai gibt es nicht.",)),
        (asked("dates", "date:30 April+3", "zh"), ("是5月3日。",), ("没有5月3日。",)),
        (asked("dates", "date:30 January+3"), ("2 February",), ("There is no 30 January.",)),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_else(
    problem: Problem, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert [text for text in right if not verify(problem, text)] == []
    assert [text for text in wrong if verify(problem, text)] == []


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
