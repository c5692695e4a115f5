"""THE table of skills: a new skill is one file beside this one and one row here."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems import chains, manners, products, quotients, sums, words
from yunqi.data.problems.problem import Skill

SKILLS: Mapping[str, Skill] = {
    sums.SKILL: Skill(sums.generate),
    products.SKILL: Skill(products.generate),
    quotients.SKILL: Skill(quotients.generate),
    chains.SKILL: Skill(chains.generate),
    words.SKILL: Skill(words.generate),
    manners.SKILL: Skill(manners.generate),
}
