"""Written arithmetic: right results, true lines, and the steps one does on paper."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.paper import canonical, work_out
from yunqi.data.problems.working import Working


def _lines(method: str, *numbers: int) -> list[str]:
    working = Working()
    getattr(working, method)(*numbers)
    return working.lines


@given(a=st.integers(0, 10**6), b=st.integers(0, 10**6))
def test_working_adds_and_subtracts(a: int, b: int) -> None:
    working = Working()
    assert working.add(a, b) == a + b
    assert working.subtract(a, b) == a - b
    assert int(working.lines[-1].split(" ")[-1].split("=")[-1]) == a - b


@given(a=st.integers(0, 99999), b=st.integers(0, 999))
def test_working_multiplies(a: int, b: int) -> None:
    working = Working()
    assert working.multiply(a, b) == a * b
    assert int(working.lines[-1].split(" ")[-1].split("=")[-1]) == a * b


@given(a=st.integers(0, 99999), b=st.integers(1, 9))
def test_working_divides_with_remainder(a: int, b: int) -> None:
    working = Working()
    assert working.divide(a, b) == divmod(a, b)
    found = working.lines[-1].split(" -> ")[1].split(" r")
    assert [int(part) for part in found] == [a // b, *([a % b] if a % b else [])]


def test_short_numbers_go_by_tens_and_ones() -> None:
    assert _lines("add", 34, 47) == ["34+47=74+7=81"]
    assert _lines("add", 34, 40) == ["34+40=74"]
    assert _lines("add", 7, 34) == ["7+34=37+4=41"]
    assert _lines("subtract", 81, 47) == ["81-47=41-7=34"]
    assert _lines("subtract", 47, 81) == ["47<81 negative", "81-47=41-7=34", "-> -34"]


def test_columns_carry_and_borrow_as_on_paper() -> None:
    assert _lines("add", 4837, 956) == [
        "4837+0956",
        "7+6=13 -> 3",
        "3+5+1=9 -> 93",
        "8+9=17 -> 793",
        "4+0+1=5 -> 5793",
    ]
    assert _lines("subtract", 956, 5793) == [
        "956<5793 negative",
        "5793-0956",
        "13-6=7 -> 7",
        "9-1-5=3 -> 37",
        "17-9=8 -> 837",
        "5-1-0=4 -> 4837",
        "-> -4837",
    ]


def test_zeros_in_front_are_dropped() -> None:
    assert _lines("subtract", 500, 498)[-1] == "5-1-4=0 -> 002=2"


def test_products_carry_digit_by_digit() -> None:
    assert _lines("multiply", 7, 6) == ["7x6=42"]
    assert _lines("multiply", 6, 47) == ["47x6", "7x6=42 -> 2", "4x6+4=24+4=28 -> 282"]
    assert _lines("multiply", 47, 30) == ["47x30", "7x3=21 -> 10", "4x3+2=12+2=14 -> 1410"]
    assert _lines("multiply", 47, 36)[:5] == ["47x36", "47x6", "7x6=42 -> 2", "4x6+4=24+4=28 -> 282", "47x30"]


def test_quotients_take_digits_from_the_front() -> None:
    assert _lines("divide", 45, 7) == ["45-6x7=45-42=3 -> 6 r3"]
    assert _lines("divide", 217, 7) == ["217/7", "21-3x7=21-21=0 -> 3", "7-1x7=7-7=0 -> 31"]


def test_paper_copies_while_parentheses_and_products_are_left() -> None:
    working = Working()
    expression = ("(", 12, "+", 7, ")", "*", 2, "-", 5, "-", 3)
    assert work_out(expression, working, copying=True) == [19, 38, 33, 30]
    assert canonical(expression) == "(12+7)*2-5-3"
    assert working.lines == [
        "(12+7)x2-5-3",
        "12+7=19",
        "19x2-5-3",
        "19x2",
        "9x2=18 -> 8",
        "1x2+1=2+1=3 -> 38",
        "38-5-3",
        "38-5=33",
        "33-3=30",
    ]
