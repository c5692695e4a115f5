r"""One spelling for the many ways to write an answer in LaTeX or plain text, before anything is compared.

Layout commands, dollar signs, percent signs and degrees go; `\dfrac12` becomes `\frac{1}{2}` and the
mixed number `1\frac{4}{5}` a sum; units at the end (`\text{ cm}^2`, `inches`) are left out, so answers in another unit
than the question's are not told apart.
"""

from __future__ import annotations

import re

_UNICODE = str.maketrans(
    {"−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "π": r"\pi ", "∞": r"\infty "}
    | {"∪": r"\cup ", "≤": r"\le ", "≥": r"\ge ", "∈": r"\in ", "±": r"\pm ", "°": "", "，": ",", "（": "(", "）": ")"}
    | {"²": "^2", "³": "^3", "½": r"\frac{1}{2}", "θ": r"\theta ", "√": r"\sqrt ", "∅": r"\emptyset ", "\u00a0": " "}
)
_SPACES = re.compile(r"(?<!\\)\\[!,;: >]|~|\\q?quad(?![A-Za-z])|\\(?:display|text)style(?![A-Za-z])")
_SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])")
_TEXT = re.compile(r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|mbox|hbox|mathrm|mathbf|mathit|boldsymbol|operatorname)\s*\{")
_STYLED = re.compile(r"\\(?:mathrm|mathbf|mathit|boldsymbol)\s*\{([A-Za-z])\}")
_NO_WORDS = re.compile(r"\\text\{([^A-Za-z{}]*\d[^A-Za-z{}]*)\}")
_PLAIN = re.compile(r"(?<![\\A-Za-z])(sqrt|pi|sin|cos|tan|cot|sec|csc|ln|log|infty|arcsin|arccos|arctan)(?![A-Za-z])")
_DEGREES = re.compile(r"\^\s*\{?\s*\\circ\s*\}?|\\degrees?(?![A-Za-z])")
_JOINED = re.compile(r"(?<=\d)(?:,\s*\\!\s*|\{,\}\s*)(?=\d{3})")  # only thousands are written so
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_MIXED = re.compile(r"(?<![\d.^_{/])(\d+)\s*\\frac\{(\d+)\}\{(\d+)\}")
_MIXED_PLAIN = re.compile(r"(?<![\d.^_/])(\d+)\s+(\d+)\s*/\s*(\d+)(?![\d.])")
_AND = re.compile(r"\\text\{\s*(?:,?\s*and|or)\s*\}|(?<![A-Za-z\\{])(?:and|or)(?![A-Za-z}])")
_UNIT_TEXT = re.compile(r"(?<=[\d}\])A-Za-z.])\s*\\text\{[^{}]*\}(?:\s*\^\s*\{?\d\}?)?\s*$")
_UNIT = (
    "cm|mm|km|ft|in|mi|kg|mg|lbs?|mph|kmh|hrs?|min|sec|deg|inch(?:es)?|foot|feet|yards?|miles?|(?:centi|kilo|milli)?"
    "met(?:er|re)s?|units?|square|cubic|degrees?|radians?|dollars?|cents?|percent|hours?|minutes?|seconds?|days?|weeks?"
    "|months?|years?|(?:kilo)?grams?|pounds?|lit(?:er|re)s?|gallons?|per|times?|points?|people|students?|ways?"
)
_UNIT_WORDS = re.compile(rf"(?<=[\d}})])\s*(?:(?:{_UNIT})(?:\s*\^\s*\{{?\d\}}?)?(?:\s+|\s*/\s*|$))+$")


def clean(text: str) -> str:
    """The answer in one spelling; still LaTeX, and still with what is not understood."""
    text = _JOINED.sub("", text.translate(_UNICODE))
    text = _SIZES.sub("", _SPACES.sub(" ", text.replace("\n", " ")))
    text = re.sub(r"(?<!\\)\\[()\[\]]|\\?\$|\\?%", "", text)
    text = re.sub(r"\\[dtc]frac(?![A-Za-z])", r"\\frac", _DEGREES.sub("", text))
    text = _PLAIN.sub(r"\\\1", re.sub(r"(?<![\\A-Za-z])(?:infinity|inf)(?![A-Za-z])", r"\\infty", text))
    text = _NO_WORDS.sub(r"\1", _TEXT.sub(r"\\text{", _STYLED.sub(r"\1", text)))
    text = _AND.sub(",", text).replace("**", "^")
    text = re.sub(r",\s*,", ",", text).strip().rstrip(".,;").strip()
    text = _UNIT_WORDS.sub("", _without_unit_text(text)).strip()
    return _MIXED_PLAIN.sub(_sum, _MIXED.sub(_sum, _fractions(text)))


def without_thousands(text: str) -> str:
    """`58,500` as one number; between brackets a comma separates."""
    return _THOUSANDS.sub(_without_commas, text)


def bare(text: str) -> str:
    """Without blanks and the braces that hold one character: what is compared where nothing is understood."""
    return re.sub(r"\{(\w)\}", r"\1", re.sub(r"\s+", "", text))


def words(text: str) -> str:
    """The letters and digits of an answer in words, in small letters with single blanks."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\\[A-Za-z]+", " ", text).casefold()))


def _without_unit_text(text: str) -> str:
    shorter = _UNIT_TEXT.sub("", text)
    return shorter if shorter.strip() else text


def _without_commas(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    inside = sum(before.count(sign) for sign in ("(", "[", r"\{")) > sum(before.count(s) for s in (")", "]", r"\}"))
    return found[0] if inside else found[0].replace(",", "")


def _sum(found: re.Match[str]) -> str:
    whole, over, under = found.groups()
    proper = len(over) < 20 and len(under) < 20 and int(over) < int(under)
    return rf"({whole}+\frac{{{over}}}{{{under}}})" if proper else found[0]


def _fractions(text: str) -> str:
    r"""`\frac12`, `\frac 3{4}` and `\frac{270}7` with braces around both parts."""
    pieces = re.split(r"\\frac(?![A-Za-z])", text)
    for place in range(len(pieces) - 1, 0, -1):
        rest = pieces[place]
        first, rest = _part(rest)
        second, rest = _part(rest)
        pieces[place] = f"{{{first}}}{{{second}}}{rest}"
        pieces[place - 1 :] = [pieces[place - 1] + r"\frac" + pieces[place]]
    return pieces[0]


def _part(text: str) -> tuple[str, str]:
    """What one argument of a command holds, and what follows it."""
    text = text.lstrip()
    if text.startswith("{"):
        end = closing(text, 0)
        return text[1:end], text[end + 1 :]
    found = re.match(r"\\[A-Za-z]+|.", text)
    return (found[0], text[found.end() :]) if found else ("", "")


def closing(text: str, start: int) -> int:
    """Where the brace that opens at `start` closes; the end of the text where it does not."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)
