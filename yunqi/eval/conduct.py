"""Whether a model does as it is told: the thinking switch, declining what lies outside, questions in people's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from yunqi.data.problems.problem import LANGUAGES
from yunqi.eval.asking import HABIT, Answer, Question, Setting
from yunqi.eval.frozen import declining_questions, in_domain_questions
from yunqi.eval.survey import Answers, Survey, share_row
from yunqi.eval.verifiers import declined
from yunqi.eval.verifiers.numbers import readings, written_numbers
from yunqi.protocol.messages import Message

SOFT_SWITCHES = {"/think": True, "/no_think": False}
# Where to name a bigger model is right, or may be.
_MAY_DECLINE = ("manners", "declining")
Value = TypeVar("Value")


def switch_section(survey: Survey, questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, Any]:
    """How often a thought came where the switch was on, and none where it was off.

    Args:
        questions: are asked again with the soft switches at their end, the caller's switch left alone.
        answers: given with the caller's switch on or off.
    """
    asked = {switch: [_with_switch(q, switch) for q in questions] for switch in SOFT_SWITCHES}
    soft = survey.ask("Soft switches", asked, (HABIT,))
    hits = {
        "on": [answer.thought for answer in answers if answer.setting.thinking is True],
        "off": [not answer.thought for answer in answers if answer.setting.thinking is False],
    }
    hits |= {s: [answer.thought is SOFT_SWITCHES[s] for answer in soft[s, HABIT]] for s in SOFT_SWITCHES}
    asked_for = {name: row for name, row in hits.items() if row}
    return {name: share_row(row) for name, row in asked_for.items()} | {
        "all": share_row([hit for row in asked_for.values() for hit in row])
    }


def frozen_section(survey: Survey, modes: Mapping[str, Setting], most: int) -> dict[str, Any]:
    """Questions written by hand: `declining` what lies outside, and answers `in_domain`.

    At most `most` of each file are asked, spread over it.
    """
    outside = {f"declining {language}": _outside(declining_questions(language), most) for language in LANGUAGES}
    inside = {"in_domain": [_inside(question, answer) for question, answer in _spread(in_domain_questions(), most)]}
    answers = survey.ask("Questions written by hand", outside | inside, tuple(modes.values()))
    found: dict[str, Any] = {}
    for name in outside | inside:
        rows = {mode: answers[name, setting] for mode, setting in modes.items()}
        found[name] = {mode: share_row([answer.right for answer in row]) for mode, row in rows.items()}
    found["in_domain_declined"] = {
        mode: share_row([declined(answer.text) for answer in answers["in_domain", setting]])
        for mode, setting in modes.items()
    }
    return found


def wrongly_declined(tables: Sequence[Answers]) -> dict[str, Any]:
    """How often a problem that the model was trained for was declined, all modes together."""
    rows = [row for answers in tables for (skill, _), row in answers.items() if skill not in _MAY_DECLINE]
    return share_row([declined(answer.text) for row in rows for answer in row])


def names_answer(text: str, answer: str) -> bool:
    """Whether a text gives an answer: its words occur, and its numbers are the last that the text names."""
    wanted = [readings(found[0], "en") for found in written_numbers(answer)]
    given = [readings(found[0], "en") for found in written_numbers(text)]
    words = re.findall(r"[^\W\d_]+", answer.casefold())
    said = re.findall(r"[^\W\d_]+", text.casefold())
    return given[len(given) - len(wanted) :] == wanted and set(words) <= set(said)


def _with_switch(question: Question, switch: str) -> Question:
    *earlier, last = question.messages
    assert last.role == "user", "a tool's result carries no switch"
    return replace(question, messages=(*earlier, replace(last, content=f"{last.text} {switch}")))


def _outside(questions: Sequence[str], most: int) -> list[Question]:
    return [
        Question(messages=(Message(role="user", content=text),), judge=lambda said, _: declined(said))
        for text in _spread(questions, most)
    ]


def _inside(text: str, answer: str) -> Question:
    messages = (Message(role="user", content=text),)
    return Question(messages=messages, judge=lambda said, calls: not calls and names_answer(said, answer))


def _spread(values: Sequence[Value], most: int) -> list[Value]:
    count = min(most, len(values))
    return [values[place * len(values) // count] for place in range(count)]
