"""Skill `unseen_tools`: requests for tools whose verb and noun, and whose first parameter, training never meets."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.tools import from_grammar

SKILL = "unseen_tools"


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    return from_grammar(random, beyond=beyond, unseen=True, skill=SKILL)
