"""THE table of skills: a new skill is one file beside this one and one row here."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems import chains, manners, products, quotients, sums, words
from yunqi.data.problems.problem import Generator

GENERATORS: Mapping[str, Generator] = {
    sums.SKILL: sums.generate,
    products.SKILL: products.generate,
    quotients.SKILL: quotients.generate,
    chains.SKILL: chains.generate,
    words.SKILL: words.generate,
    manners.SKILL: manners.generate,
}
