"""The problems of some skills in one split and language, the answers in each mode, and the rows that sum them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from yunqi.data.problems.catalogue import ALL
from yunqi.data.problems.problem import LANGUAGES, Language, Problem
from yunqi.data.split import Split, problems, split_of
from yunqi.eval.asking import AT_ONCE, THINKING, Answer, Question, Setting, as_question
from yunqi.eval.statistics import (
    chance_accuracy,
    difference_interval,
    majority_accuracy,
    neighbour_accuracy,
    paired_interval,
)
from yunqi.eval.survey import Answers, Survey, answers_row, difference_row, mean, share_row

KNOWN_PROBLEMS = 1000
# Skills whose difficulty counts steps.
COUNTS_STEPS = ("chains", "follow_ups", "words")
MANY_STEPS = 3

Modes = Mapping[str, Setting]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """Which problems: the first `n` of each skill in a split."""

    skills: tuple[str, ...]
    split: Split
    n: int
    seed: int
    language: Language = "en"

    def problems(self, skill: str) -> list[Problem]:
        drawn = list(islice(problems(skill, self.split, self.seed, self.language), self.n))
        assert all(split_of(problem) == self.split for problem in drawn), "a problem of another split was asked"
        return drawn

    def known(self, skill: str) -> tuple[Problem, ...]:
        """Training problems that a baseline may remember."""
        return _first(skill, "train", self.seed, self.language, KNOWN_PROBLEMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class SkillTable:
    """What was asked and answered."""

    draw: Draw
    modes: Modes
    problems: Mapping[str, Sequence[Problem]]
    questions: Mapping[str, Sequence[Question]]
    answers: Answers

    @classmethod
    def ask(cls, title: str, survey: Survey, draw: Draw, modes: Modes) -> SkillTable:
        drawn = {skill: draw.problems(skill) for skill in draw.skills}
        questions = {skill: [as_question(problem) for problem in row] for skill, row in drawn.items()}
        answers = survey.ask(title, questions, tuple(modes.values()))
        return cls(draw=draw, modes=modes, problems=drawn, questions=questions, answers=answers)

    def report(self) -> dict[str, Any]:
        """Rows of skills, the mean of their accuracies, and the share of all problems."""
        rows = {skill: self._baselines(skill) | {"modes": self._modes(skill)} for skill in self.draw.skills}
        return {
            "skills": rows,
            "macro": {mode: self.macro(mode) for mode in self.modes},
            "pooled": {mode: share_row([a.right for a in self.row(mode)]) for mode in self.modes},
        }

    def row(self, mode: str, skills: Sequence[str] | None = None) -> list[Answer]:
        """All answers of a mode, skill by skill."""
        setting = self.modes[mode]
        return [answer for skill in skills or self.draw.skills for answer in self.answers[skill, setting]]

    def macro(self, mode: str, skills: Sequence[str] | None = None) -> float:
        """The mean over skills of the share of right answers."""
        shares = [mean([a.right for a in self.row(mode, (skill,))]) for skill in skills or self.draw.skills]
        return round(mean(shares), 4)

    def _modes(self, skill: str) -> dict[str, Any]:
        return {mode: answers_row(self.answers[skill, setting]) for mode, setting in self.modes.items()}

    def _baselines(self, skill: str) -> dict[str, Any]:
        known, asked = self.draw.known(skill), self.problems[skill]
        return {
            "distinct": len({problem.canonical for problem in asked}),
            "chance": round(chance_accuracy(known, asked), 4),
            "majority": round(majority_accuracy(known, asked), 4),
            "nearest": round(neighbour_accuracy(known, asked), 4),
        }


@cache
def _first(skill: str, split: Split, seed: int, language: Language, count: int) -> tuple[Problem, ...]:
    """Drawn once for the tables that share them."""
    return tuple(islice(problems(skill, split, seed, language), count))


def ask_languages(survey: Survey, english: SkillTable, n: int) -> dict[Language, SkillTable]:
    """The same skills in the other languages that they speak."""
    tables: dict[Language, SkillTable] = {}
    for language in LANGUAGES:
        spoken = tuple(skill for skill in english.draw.skills if language in ALL[skill].languages)
        if language != english.draw.language and spoken:
            draw = Draw(skills=spoken, split=english.draw.split, n=n, seed=english.draw.seed, language=language)
            tables[language] = SkillTable.ask(f"Problems in {language}", survey, draw, english.modes)
    return tables


def language_report(table: SkillTable, english: SkillTable) -> dict[str, Any]:
    """A table, beside English on the same skills."""
    skills = table.draw.skills
    return table.report() | {
        "english_macro": {mode: english.macro(mode, skills) for mode in table.modes},
        "against_english": {
            mode: difference_row(_difference(table.row(mode), english.row(mode, skills))) for mode in table.modes
        },
    }


def gap_section(table: SkillTable) -> dict[str, Any]:
    """What thinking adds on problems of three and more steps; empty where one mode or all such problems are missing."""
    if len(table.modes) < 2:
        return {}
    pairs = [
        (at_once.right, thinking.right)
        for skill in table.draw.skills
        if skill in COUNTS_STEPS
        for at_once, thinking in zip(table.answers[skill, AT_ONCE], table.answers[skill, THINKING], strict=True)
        if thinking.question.difficulty >= MANY_STEPS
    ]
    return {"steps": MANY_STEPS, "of": len(pairs)} | difference_row(paired_interval(pairs)) if pairs else {}


def _difference(answers: Sequence[Answer], others: Sequence[Answer]) -> tuple[float, float, float]:
    right, right_others = sum(a.right for a in answers), sum(a.right for a in others)
    return difference_interval(right, len(answers), right_others, len(others))
