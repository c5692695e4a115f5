"""Letters of words: how many, which, and backwards."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.numbers import last_number
from yunqi.eval.verifiers.wording import words

_LETTER = "[A-Za-zÄÖÜäöüß]"
_WORD = re.compile(rf"{_LETTER}+")
_SINGLE = re.compile(rf"(?<!{_LETTER})(?<!{_LETTER}['’]){_LETTER}(?!{_LETTER})(?!['’]{_LETTER})")
_SPELLED = re.compile(rf"(?<!{_LETTER}){_LETTER}(?:(?:-|, ?| ){_LETTER})+(?!{_LETTER})")
_COUNTS: dict[Language, tuple[str, ...]] = {
    "en": words("zero|no|none one|once two|twice three four five six seven eight nine ten eleven twelve"),
    "de": words("null|kein|keine|keinmal eins|einmal zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
    "zh": words("零|没有 一 两|二 三 四 五 六 七 八 九 十 十一 十二"),
}


def letters(problem: Problem, text: str) -> bool:
    """`count:r:strawberry`, `length:banana`, `first:banana`, `last:banana`, `reverse:cat`, `spell:cat`."""
    kind, *details = problem.canonical.split(":")
    word = details[-1]
    if kind in ("count", "length"):
        wanted = Counter(word)[details[0]] if kind == "count" else sum(Counter(word).values())
        return wanted in _counts(text, problem.language)
    if kind == "spell":
        return word in _spelled_words(text)
    if kind == "reverse":
        return "".join(reversed(word)) in _last_words(text)
    wanted = {"first": word[:1], "last": word[-1:]}[kind]
    singles = _SINGLE.findall(text.lower())
    return bool(singles) and singles[-1] == wanted


def _counts(text: str, language: Language) -> frozenset[Fraction]:
    """The last number, in digits or else as a word."""
    if re.search(r"\d", text):
        return last_number(text, language)
    places = []
    for value, names in enumerate(_COUNTS[language]):
        pattern = names if language == "zh" else rf"\b(?:{names})\b"
        places += [(found.end(), len(found[0]), value) for found in re.finditer(pattern, text.lower())]
    return frozenset({Fraction(max(places)[2])} if places else ())


def _last_words(text: str) -> set[str]:
    """The last word, and the last one spelled letter by letter where the text ends in it."""
    return {*_WORD.findall(text.lower())[-1:], *_spelled_words(text)}


def _spelled_words(text: str) -> set[str]:
    """The word spelled letter by letter that a text ends in."""
    spelled = list(_SPELLED.finditer(text.lower()))
    if not spelled or _WORD.search(text, spelled[-1].end()):
        return set()
    return {"".join(_WORD.findall(spelled[-1][0]))}
