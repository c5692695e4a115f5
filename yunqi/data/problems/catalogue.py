"""THE table of skills: a new skill is one file beside this one and one row here.

`SKILLS` are those of every model and evaluation; `LONG` those that need a long context, of models made for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems import (
    chains,
    comparing,
    countdown,
    dates,
    declining,
    extraction,
    follow_ups,
    letters,
    manners,
    prices,
    products,
    quotients,
    recall,
    results,
    sorting,
    sums,
    tools,
    units,
    unseen_tools,
    words,
)
from yunqi.data.problems.problem import LANGUAGES, Skill

SKILLS: Mapping[str, Skill] = {
    sums.SKILL: Skill(sums.generate, LANGUAGES),
    products.SKILL: Skill(products.generate, LANGUAGES),
    quotients.SKILL: Skill(quotients.generate, LANGUAGES),
    chains.SKILL: Skill(chains.generate, LANGUAGES),
    follow_ups.SKILL: Skill(follow_ups.generate, LANGUAGES),
    words.SKILL: Skill(words.generate, LANGUAGES),
    prices.SKILL: Skill(prices.generate, LANGUAGES),
    units.SKILL: Skill(units.generate, LANGUAGES),
    comparing.SKILL: Skill(comparing.generate, LANGUAGES),
    sorting.SKILL: Skill(sorting.generate, LANGUAGES),
    letters.SKILL: Skill(letters.generate, LANGUAGES),
    dates.SKILL: Skill(dates.generate, LANGUAGES),
    countdown.SKILL: Skill(countdown.generate, LANGUAGES),
    tools.SKILL: Skill(tools.generate),
    unseen_tools.SKILL: Skill(unseen_tools.generate),
    results.SKILL: Skill(results.generate),
    extraction.SKILL: Skill(extraction.generate),
    manners.SKILL: Skill(manners.generate, LANGUAGES),
    declining.SKILL: Skill(declining.generate, LANGUAGES),
}
LONG: Mapping[str, Skill] = {recall.SKILL: Skill(recall.generate)}
ALL: Mapping[str, Skill] = {**SKILLS, **LONG}
