"""The frozen questions: as many as stated, no two alike, and every answer in a form that can be checked."""

from __future__ import annotations

import re

import pytest

from yunqi.eval.frozen import declining_questions, in_domain_questions
from yunqi.eval.verifiers import gives


@pytest.mark.parametrize(("language", "count"), [("en", 200), ("de", 20), ("zh", 20)])
def test_as_many_questions_as_stated_and_no_two_alike(language, count: int) -> None:
    questions = declining_questions(language)
    assert len(questions) == count
    assert len({re.sub(r"\W", "", question.lower()) for question in questions}) == count


def test_openings_vary() -> None:
    openings = [tuple(question.lower().split()[:3]) for question in declining_questions()]
    assert max(openings.count(opening) for opening in openings) <= 4


def test_what_is_asked_inside_the_domain_has_one_answer() -> None:
    pairs = in_domain_questions()
    assert len({question for question, _ in pairs}) == len(pairs) == 100
    for question, answer in pairs:
        assert question.strip() == question
        assert re.fullmatch(r"\$?\d+(\.\d+)?|[A-Za-z]+|\d+(, \d+)+|\d+ [A-Z][a-z]+", answer), answer


def test_no_question_stands_on_both_sides() -> None:
    assert not {question for question, _ in in_domain_questions()} & set(declining_questions())


def test_each_answer_is_given_by_itself_and_by_no_other() -> None:
    answers = {answer for _, answer in in_domain_questions()}
    for answer in answers:
        alike = [other for other in answers - {answer} if _shape(other) == _shape(answer)]
        assert gives(answer, f"The answer is {answer}."), answer
        assert not any(gives(answer, f"The answer is {other}.") for other in alike), answer


def _shape(answer: str) -> str:
    return re.sub(r"\w+", "x", answer)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("3000", "3 km are 3,000 meters."),
        ("$7.50", "7.50 dollars"),
        ("4 April", "April 4th"),
        ("4, 7, 9", "4 < 7 < 9"),
        ("g", "It starts with a G."),
        ("tac", "TAC"),
    ],
)
def test_answers_may_be_spelled_freely(answer: str, text: str) -> None:
    assert gives(answer, text)
