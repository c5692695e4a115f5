r"""Whether two final answers to a mathematical question are equal, however they are spelt.

Compared exactly: expressions (`yunqi.eval.public.latex`), tuples, intervals and their unions, sets and lists in any
order (also by `\pm`), matrices, equations (up to a factor), inequalities with one variable as the intervals they are,
numbers with a base, words and letters of choices. Units are left out, `x =` before an answer is too.

Not understood: rounding (3.14 is not `\pi`), conversion of units, products of matrices, roots within roots, identities
of functions (`\cot x` and `1/\tan x`). What is not understood is equal only where it is spelt alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from yunqi.eval.public.algebra import TooLarge
from yunqi.eval.public.latex import NotMathematics, read_value
from yunqi.eval.public.spelling import bare, clean, without_thousands, words

LONGEST = 1_000

_OPENERS, _CLOSERS = ("(", "[", "{", r"\{"), (")", "]", "}", r"\}")
_PIECE = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_RELATIONS = {"=": "=", r"\approx": "=", "<": "<", ">": ">", r"\lt": "<", r"\gt": ">"}
_RELATIONS |= {spelling: sign for sign in ("le", "ge") for spelling in ("\\" + sign, f"\\{sign}q", f"\\{sign}qslant")}
_TURNED = {">": "<", "ge": "le"}
_ENDS = {"<": "()", "le": "[]"}
_NAME = re.compile(
    r"\s*(?:(?!\\(?:pi|infty)(?![A-Za-z]))\\?[A-Za-z]+(?:_\{?\w+\}?)?|[A-Za-z]\s*\(\s*[A-Za-z]\s*\)|\\text\{[^{}]*\})\s*"
)
_MATRIX = re.compile(r"\\begin\{([bpvBV]?matrix|array)\}(?:\{[clr|]*\})?(.*)\\end\{\1\}", re.DOTALL)
_BASED = re.compile(r"([0-9A-Z]+)_\{?(\d+)\}?")
_CHOICE = re.compile(r"\\text\{\s*\(?([A-J])\)?\s*\}|\(([A-J])\)")
_WORDS = re.compile(r"\\text\{[^{}]*\}|[A-Za-z]{3,}(?:[ -][A-Za-z]+)*")


def same_answer(given: str, wanted: str) -> bool:
    """Whether the answer given is the one wanted."""
    if len(given) > LONGEST:
        return False
    given, wanted = clean(given), clean(wanted)
    try:  # 100,200 may be one number or two
        return _same(without_thousands(given), without_thousands(wanted)) or _same(given, wanted)
    except RecursionError:
        return False


def _same(given: str, wanted: str) -> bool:
    if bare(given) == bare(wanted):
        return bool(bare(wanted))
    if choice := _CHOICE.fullmatch(wanted):
        return _letters(given) == [(choice[1] or choice[2]).casefold()]
    if _WORDS.fullmatch(wanted):
        return words(given) == words(wanted)
    many, wanted_many = _parts(given), _parts(wanted)
    if len(many) > 1 or len(wanted_many) > 1:
        return _same_set(many, wanted_many)
    (given,), (wanted,) = many, wanted_many
    return _same_one(given, wanted)


def _letters(given: str) -> list[str]:
    """The letters of choices with which an answer begins; what a choice says may follow."""
    return list(takewhile(lambda word: len(word) == 1, words(given).split()))


def _same_one(given: str, wanted: str) -> bool:
    """Of answers with one element each."""
    if any(sign in _RELATIONS for sign in (*_pieces(given), *_pieces(wanted))):
        return _same_relation(given, wanted)
    for same in (_same_matrix, _same_tuple, _same_based):
        if (found := same(given, wanted)) is not None:
            return found
    return _same_value(given, wanted)


def _same_value(given: str, wanted: str) -> bool:
    if _factors(wanted) > 1 and _factors(given) < _factors(wanted):
        return False  # the question asks for factors
    try:
        return read_value(given).same(read_value(wanted))
    except (NotMathematics, TooLarge):
        return False


def _same_set(given: Sequence[str], wanted: Sequence[str]) -> bool:
    """In any order."""
    left = list(given)
    for one in wanted:
        found = next((place for place, other in enumerate(left) if _same(other, one)), None)
        if found is None:
            return False
        left.pop(found)
    return not left


def _same_tuple(given: str, wanted: str) -> bool | None:
    brackets, parts = _tuple(wanted)
    if len(parts) < 2:
        return None if len(_tuple(given)[1]) < 2 else False
    given_brackets, given_parts = _tuple(given)
    alike = brackets == given_brackets and len(parts) == len(given_parts)
    return alike and all(_same(a, b) for a, b in zip(given_parts, parts, strict=True))


def _same_matrix(given: str, wanted: str) -> bool | None:
    matrix, other = _MATRIX.fullmatch(wanted.strip()), _MATRIX.fullmatch(given.strip())
    if matrix is None and other is None:
        return None
    if matrix is None or other is None:
        return False
    rows, given_rows = _rows(matrix[2]), _rows(other[2])
    alike = [len(row) for row in rows] == [len(row) for row in given_rows]
    return alike and all(_same(a, b) for x, y in zip(given_rows, rows, strict=True) for a, b in zip(x, y, strict=True))


def _same_based(given: str, wanted: str) -> bool | None:
    """Digits with a base below; the question names the base, so the digits alone will do."""
    based = _BASED.fullmatch(bare(wanted))
    if based is None or not based[1][0].isdigit():
        return None
    other = _BASED.fullmatch(bare(given))
    return bare(given) == based[1] if other is None else other.groups() == based.groups()


def _same_relation(given: str, wanted: str) -> bool:
    signs, sides = _relation(wanted)
    given_signs, given_sides = _relation(given)
    if set(given_signs) <= {"="} and set(signs) <= {"="}:
        return _same_equation(given_sides, sides)
    alike = signs == given_signs and len(signs) > 0
    return alike and all(_same(a, b) for a, b in zip(given_sides, sides, strict=True))


def _same_equation(given: Sequence[str], wanted: Sequence[str]) -> bool:
    if len(wanted) == 1:
        return _same(given[-1], wanted[0])  # x = 2 + 3 = 5
    if len(given) == 1:
        return len(wanted) == 2 and _NAME.fullmatch(wanted[0]) is not None and _same(given[0], wanted[1])
    if len(given) != 2 or len(wanted) != 2:
        return False
    if bare(given[0]) == bare(wanted[0]):
        return _same(given[1], wanted[1])
    try:
        one, other = (read_value(left) - read_value(right) for left, right in (given, wanted))
        return one.multiple_of(other)
    except (NotMathematics, TooLarge):
        return False


def _as_interval(text: str) -> str:
    r"""`-2 \le x < 7` and `x \in [-2, 7)` as `[-2,7)`; anything else as it is."""
    head, *rest = _split(text, r"\in")
    if len(rest) == 1 and _NAME.fullmatch(head):
        return rest[0].strip()
    signs, sides = _relation(text)
    if len(signs) == 1 and signs[0] in _ENDS:
        if _NAME.fullmatch(sides[0]):
            return rf"(-\infty,{sides[1]}{_ENDS[signs[0]][1]}"
        if _NAME.fullmatch(sides[1]):
            return rf"{_ENDS[signs[0]][0]}{sides[0]},\infty)"
    if len(signs) == 2 and set(signs) <= _ENDS.keys() and _NAME.fullmatch(sides[1]):
        return f"{_ENDS[signs[0]][0]}{sides[0]},{sides[2]}{_ENDS[signs[1]][1]}"
    return text


def _parts(text: str) -> list[str]:
    """The elements of a list or set, intervals of a union apart: what may come in any order."""
    return [part for element in _elements(text) for part in _split(_as_interval(element), r"\cup")]


def _elements(text: str) -> list[str]:
    r"""The elements of a set in braces or of a list with commas; both values of `\pm`."""
    inner = text.strip()
    if inner.startswith(r"\{") and inner.endswith(r"\}") and _depth_at_end(inner[2:-2]):
        inner = inner[2:-2]
    return [value for part in _split(inner, ",") for value in _both_signs(part.strip())]


def _both_signs(text: str) -> list[str]:
    pieces = list(_pieces(text))
    if r"\pm" not in pieces and r"\mp" not in pieces:
        return [text]
    upper = {r"\pm": "+", r"\mp": "-"}
    lower = {r"\pm": "-", r"\mp": "+"}
    return ["".join(signs.get(piece, piece) for piece in pieces) for signs in (upper, lower)]


def _tuple(text: str) -> tuple[str, list[str]]:
    """Its two brackets and what stands between them; one part where it is no tuple."""
    text = text.strip()
    if len(text) < 2 or text[0] not in "([" or text[-1] not in ")]" or not _depth_at_end(text[1:-1]):
        return "", [text]
    return text[0] + text[-1], _split(text[1:-1], ",")


def _rows(inside: str) -> list[list[str]]:
    lines = [line for line in re.split(r"\\\\", inside) if line.strip()]
    return [[cell.strip() for cell in line.split("&")] for line in lines]


def _relation(text: str) -> tuple[list[str], list[str]]:
    """The signs of a chain of relations and what stands between them, turned so that it rises."""
    signs, sides, depth = [], [""], 0
    for piece in _pieces(text):
        depth += _step(piece)
        if depth == 0 and piece in _RELATIONS:
            signs.append(_RELATIONS[piece])
            sides.append("")
        else:
            sides[-1] += piece
    if signs and set(signs) <= set(_TURNED):
        signs, sides = [_TURNED[sign] for sign in reversed(signs)], sides[::-1]
    return signs, sides


def _factors(text: str) -> int:
    """How many bracketed factors are multiplied; 0 where something is added outside brackets."""
    depth = count = 0
    for piece in _pieces(text.strip().removeprefix("-")):
        depth += _step(piece)
        if depth == 0 and piece in "+-":
            return 0
        count += piece == "(" and depth == 1
    return count


def _split(text: str, at: str) -> list[str]:
    """Parts between separators that stand outside all brackets."""
    parts, depth = [""], 0
    for piece in _pieces(text):
        depth += _step(piece)
        if depth == 0 and piece == at:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _depth_at_end(text: str) -> bool:
    """Whether every bracket in a text is closed in it, and none before it is opened."""
    depth = 0
    for piece in _pieces(text):
        depth += _step(piece)
        if depth < 0:
            return False
    return depth == 0


def _step(piece: str) -> int:
    return (piece in _OPENERS) - (piece in _CLOSERS)


def _pieces(text: str) -> Iterator[str]:
    return (match[0] for match in _PIECE.finditer(text))
