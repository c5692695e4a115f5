"""Questions written once, by hand, before the model was trained: what people type in their own words.

Nothing here shares a template with the generators, and nothing of it may train or tune a model. Lines that begin with
`#` tell how a file was made.
"""

from __future__ import annotations

from importlib.resources import files

from yunqi.data.problems.problem import Language

_DECLINING = {"en": "declining.txt", "de": "declining.de.txt", "zh": "declining.zh.txt"}


def declining_questions(language: Language = "en") -> tuple[str, ...]:
    """What a model of small arithmetic cannot answer and has to decline."""
    return _lines(_DECLINING[language])


def in_domain_questions() -> tuple[tuple[str, str], ...]:
    """Questions it should answer, each with the bare answer."""
    pairs = (line.partition("\t") for line in _lines("in_domain.txt"))
    return tuple((question, answer) for question, _, answer in pairs)


def _lines(name: str) -> tuple[str, ...]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
