"""The frozen questions: as many as stated, no two alike, and every answer in a form that can be checked."""

from __future__ import annotations

import re

import pytest

from yunqi.eval.frozen import declining_questions, in_domain_questions


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
