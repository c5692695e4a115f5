"""English number words up to 999, as British and Americans write them."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import listed

SPELLED_LIMIT = 1000
ONES = listed(
    "zero | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen"
    "| fourteen"
    "| fifteen | sixteen | seventeen | eighteen | nineteen"
)
TENS = listed("- | - | twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety")


def spell(value: int, *, joint: str = "-", link: str = " and ") -> str:
    """The number in words; `joint` stands in thirty-four, `link` in one hundred and five (American: a blank)."""
    assert 0 <= value < SPELLED_LIMIT, value
    hundreds, rest = divmod(value, 100)
    if not hundreds:
        return _below_hundred(rest, joint)
    text = f"{ONES[hundreds]} hundred"
    return text + link + _below_hundred(rest, joint) if rest else text


def spelled(random: Random, value: int) -> str:
    """The number in words in one of the usual ways."""
    link = random.choice((" and ", " and ", " "))
    text = spell(value, joint=random.choice(("-", "-", "-", " ")), link=link)
    if 100 <= value < 200 and random.random() < 0.3:
        text = "a" + text.removeprefix("one")
    return text


def _below_hundred(value: int, joint: str) -> str:
    if value < len(ONES):
        return ONES[value]
    tens, ones = divmod(value, 10)
    return TENS[tens] + (joint + ONES[ones] if ones else "")
