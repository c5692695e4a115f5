"""A reader of English questions that shares nothing with the generators: it only knows how people put arithmetic.

It answers only what it understands whole: a question that names a number which no pattern used has no value.
"""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.eval.expression import evaluate

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SPOKEN = {word: value for value, word in enumerate(_UNITS.split())}
_SPOKEN |= {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_NAME = "|".join(sorted(_SPOKEN, key=len, reverse=True))
_NUMBER_WORDS = re.compile(rf"\b(?:{_NAME}|a hundred)(?:(?:[ -]| and )(?:{_NAME}|hundred|thousand))*\b")

_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
_PARTS |= {"ninth": 9, "tenth": 10}
_SYMBOLS = (
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"(?<=\d)\s*\^\s*2\b", " squared"),
    (r"\bmultiplied (?:by|with)\b|\btimes\b(?= [\d(])|[×·⋅]", " * "),
    (r"(?<=[\d)])\s*x\s*(?=[-−\d(])", " * "),
    (r"\bdivided by\b|÷|(?<=\d)\s*:\s*(?=\d)|(?<=\d) over (?=\d)", " / "),
    (r"\badded to\b|\bplus\b", " + "),
    (r"(?<=\d) take away (?=\d)|\b(?:minus|negative)\b|(?<=\d) less (?=\d)|−", " - "),
)
# A minus after no number is a sign and stands close to its number.
_SIGN = re.compile(r"(^|[^\d) ])( *)- *(?=[\d(])")
# Sentences name their numbers in another order than symbols do. N is a number.
_SENTENCES = (
    (r"(?:subtract|take|takes|deduct|remove|took) N (?:away )?from N", r"\2-\1"),
    (r"take N away from N", r"\2-\1"),
    (r"(?:difference|distance) (?:between|of) N and N", "max-min"),
    (r"how much (?:more|bigger|larger|greater|higher) is N than N", r"\1-\2"),
    (r"how much (?:less|smaller|lower) is N than N", r"\2-\1"),
    (r"N is how much (?:more|bigger|larger|greater) than N", r"\1-\2"),
    (r"number is N (?:more|greater|bigger|higher|larger) than N", r"\2+\1"),
    (r"number is N (?:less|smaller|lower|fewer) than N", r"\2-\1"),
    (r"N (?:decreased|reduced|lowered) by N", r"\1-\2"),
    (r"(?:decrease|reduce|lower) N by N", r"\1-\2"),
    (r"add N to get N", r"\2-\1"),
    (r"missing from N to N", r"\2-\1"),
    (r"(?:add|increase|raise) N (?:to|and|by) N", r"\1+\2"),
    (r"(?:add up|sum up|sum of|total of|together) N and N", r"\1+\2"),
    (r"(?:put|do|does|are) N and N (?:together|make|add up to|come to)", r"\1+\2"),
    (r"N increased by N", r"\1+\2"),
    (r"N and N (?:together|altogether|in total)", r"\1+\2"),
    (r"have N and get N more", r"\1+\2"),
    (r"(?:multiply|product of) N (?:by|and|with) N", r"\1*\2"),
    (r"N taken N times", r"\1*\2"),
    (r"(?:square of) N", r"\1*\1"),
    (r"N squared", r"\1*\1"),
    (r"double(?: of)? N|twice N", r"\1*2"),
    (r"triple(?: of)? N", r"\1*3"),
    (r"(?:divide|quotient of) N (?:by|and) N", r"\1/\2"),
    (r"(?:how often|how many times) does N (?:go|fit) into N", r"\2/\1"),
    (r"how many Ns are (?:there )?in N", r"\2/\1"),
    (r"(?:divide|split|share) N (?:equally )?(?:among|between|into|by|in) N", r"\1/\2"),
    (r"N (?:is )?(?:split|shared|divided) (?:equally )?(?:into|among|between|by|in) N", r"\1/\2"),
    (r"if N people share N", r"\2/\1"),
    (r"N halved|half of N", r"\1/2"),
    *((rf"(?:a|1) {name} of N", rf"\1/{part}") for name, part in _PARTS.items()),
)
_AMOUNT = r"(?:it |that |the result |this )?(?:by |another |up |on )?(?P<{0}>\d+)"
_INSTRUCTIONS = re.compile(
    r"(?P<double>\bdouble (?:it|that)\b|\bdoubled\b)|(?P<triple>\btriple (?:it|that)\b)|"
    rf"(?:\badd|\bincrease|\braise|\+) {_AMOUNT.format('plus')}|"
    r"(?:\bsubtract|\btake away|\btake|\bdecrease|\breduce|\blower|\bremove|(?<!\d)-|(?<=\d )-) "
    rf"{_AMOUNT.format('minus')}|"
    rf"(?:\bmultiply|\*) {_AMOUNT.format('times')}|"
    rf"(?:\bdivide|/) {_AMOUNT.format('parts')}"
)
_OPENING = re.compile(r"^\D*?\b(?:starts? (?:with|at|from)|think of|take|begin with|have|is|number)\D{0,14}?(\d+)\b")
_RUN = re.compile(r"(?:(?<![\d)])(?<![\d)] )-)?[(\d](?:[-\d+*/() ]*[\d)])?")


def solve(question: str) -> Fraction | None:
    """The value a question asks for; None where it is not understood."""
    text = _normalise(question)
    for pattern, replacement in _SENTENCES:
        found = re.search(rf"\b{pattern.replace('N', r'(-?[0-9]+)')}(?!\d| ?[-+*/(])", text)
        if found and not re.search(r"\d", text[: found.start()] + text[found.end() :]):
            return _sentence(found, replacement)
    told = _OPENING.search(text)
    if (
        told
        and _INSTRUCTIONS.search(text.replace("-", "- "), told.end())
        and not re.fullmatch(r"\D*[-\d+*/() ]+\D*", text)
    ):
        return _follow(text[told.end() :], Fraction(told.group(1)))
    return _listed_sum(text) or _symbols(text)


def _normalise(question: str) -> str:
    plain = re.sub(r"\b(?:next|another|one) (?:one|more)\b:?", "", question.lower())
    text = _NUMBER_WORDS.sub(_count, plain)
    for pattern, replacement in _SYMBOLS:
        text = re.sub(pattern, replacement, text)
    text = _SIGN.sub(r"\1\2-", re.sub(r"\s+", " ", text))
    return re.sub(r"\((-\d+)\)", r"\1", text)


def _count(found: re.Match[str]) -> str:
    total = current = 0
    for word in re.findall(r"[a-z]+", found[0]):
        if word == "hundred":
            current = max(current, 1) * 100
        elif word == "thousand":
            total, current = (total + current) * 1000, 0
        else:
            current += _SPOKEN.get(word, 0)
    return str(total + current)


def _sentence(found: re.Match[str], replacement: str) -> Fraction | None:
    if replacement == "max-min":
        return abs(Fraction(found[1]) - Fraction(found[2]))
    return evaluate(found.expand(replacement))


def _listed_sum(text: str) -> Fraction | None:
    listed = re.search(r"(?:\bsum of|\badd up|\badd|\bdo|\btotal of|\bare|^) ?((?:\d+,? (?:and )?){2,}\d+)\b", text)
    asked = listed and re.search(r"\bsum\b|\badd\b|\btotal\b|\bmake\b|\btogether\b", text)
    if not listed or not asked or re.search(r"\d", text[: listed.start()] + text[listed.end() :]):
        return None
    return sum(map(Fraction, re.findall(r"\d+", listed[1])), Fraction(0))


def _symbols(text: str) -> Fraction | None:
    runs = [run for run in _RUN.findall(text) if run.strip("() ")]
    if len(runs) != 1 or not re.search(r"[-+*/]", runs[0]):
        return None
    return evaluate(runs[0])


def _follow(text: str, value: Fraction) -> Fraction | None:
    text = re.sub(r"(?<!\d)-(?=\d)", "- ", text)
    text = re.sub(r"\b(take|subtract) (\d+) away\b", r"subtract \2", text)
    text = re.sub(r"\badd (\d+) to (?:it|that|this)\b", r"add \1", text)
    for found in _INSTRUCTIONS.finditer(text):
        if found["double"] or found["triple"]:
            value *= 2 if found["double"] else 3
        elif found["plus"]:
            value += int(found["plus"])
        elif found["minus"]:
            value -= int(found["minus"])
        elif found["times"]:
            value *= int(found["times"])
        else:
            value /= int(found["parts"])
    return None if re.search(r"\d", _INSTRUCTIONS.sub("", text)) else value
