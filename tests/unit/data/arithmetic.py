"""What the tests of arithmetic share: reading a thought line by line, and values worked out on another road."""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.data.problems.problem import Problem

EQUATION = re.compile(r"([\d+\-x/()]+(?:=[\d+\-x/()]+)*=\d+)(?: -> \d+(?:=\d+)?)?(?: r\d)?")
REWRITTEN = re.compile(r"(-?\d+[+\-x/]-?\d+)=(-\(\d+[+x/]\d+\)|\d+[+\-x/]\d+)")
HEADING = re.compile(r"\d+|[\d+\-x/()]+[+\-x/][\d+\-x/()]+|(\d+)<(\d+) negative|-> -\d+")


def value(expression: str) -> Fraction:
    """Exact; numbers may have zeros in front."""
    assert re.fullmatch(r"[\d+\-*x/() ]+", expression), expression
    plain = re.sub(r"\b0+(?=\d)", "", expression).replace("x", "*")
    return Fraction(eval(re.sub(r"\d+", r"Fraction(\g<0>)", plain), {"Fraction": Fraction}))


def assert_true_thought(problem: Problem) -> None:
    """Every line is an equation that holds, gets rid of signs, or says what is to be worked out.

    The last number is the answer's last.
    """
    for line in problem.thought.split("\n"):
        equation, heading = EQUATION.fullmatch(line), HEADING.fullmatch(line)
        rewritten = REWRITTEN.fullmatch(line)
        assert equation or heading or rewritten, line
        if rewritten and not equation:
            assert value(rewritten[1]) == value(rewritten[2]), line
        if equation:
            assert len({value(side) for side in equation[1].split("=")}) == 1, line
        elif heading and heading[1]:
            assert int(heading[1]) < int(heading[2])
    last = problem.thought.split("\n")[-1]
    assert re.findall(r"-?\d+", last)[-1].lstrip("-") == re.findall(r"\d+", problem.answer)[-1]


def assert_said(problem: Problem) -> None:
    """The reply is one short sentence around the answer."""
    assert problem.answer in problem.reply
    assert re.findall(r"-?\d+", problem.reply) == re.findall(r"-?\d+", problem.answer)


def digits_of(problem: Problem) -> list[int]:
    """The numbers of a question, in order of size."""
    return sorted(int(number) for number in re.findall(r"\d+", problem.question.replace(",", "")))
