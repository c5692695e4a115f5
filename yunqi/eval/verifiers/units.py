"""Conversion of units: `3 km>m`, `250 cm>m`, `2 h 15 min>min`, `135 min>h min`."""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.numbers import NUMBER, readings, written_numbers

# Each unit: what it measures, its worth in the smallest unit of its kind, and how it is spelled.
_TABLE = """
length 1 mm millimeters?|millimetres?|millimetern?|毫米
length 10 cm centimeters?|centimetres?|zentimetern?|厘米|公分
length 100 dm decimeters?|decimetres?|dezimetern?|分米
length 1000 m meters?|metres?|metern?|米
length 1000000 km kilometers?|kilometres?|kilometern?|公里|千米
imperial 1 in inch|inches|zoll|英寸
imperial 12 ft foot|feet|fuß|英尺
imperial 36 yd yards?|码
imperial 63360 mi miles?|meilen?|英里
mass 1 mg milligram(?:me)?s?|milligramm|毫克
mass 1000 g gram(?:me)?s?|gramm|克
mass 1000000 kg kilos?|kilogram(?:me)?s?|kilogramm|公斤|千克
mass 1000000000 t tons?|tonnes?|tonnen?|吨
weight 1 oz ounces?|unzen?|盎司
weight 16 lb lbs|pounds?|pfund|磅
volume 1 ml milliliters?|millilitres?|millilitern?|毫升
volume 10 cl centiliters?|centilitres?|zentilitern?|厘升
volume 100 dl deciliters?|decilitres?|dezilitern?|分升
volume 1000 l liters?|litres?|litern?|升|公升
measure 1 cup cups?|杯
measure 2 pt pints?|品脱
measure 4 qt quarts?|夸脱
measure 16 gal gallons?|加仑
time 1 s secs?|seconds?|sekunden?|秒|秒钟
time 60 min mins?|minutes?|minuten?|分钟|分
time 3600 h hrs?|hours?|stunden?|小时|个小时|钟头|个钟头
time 86400 d days?|tage?n?|天|日
time 604800 w wk|weeks?|wochen?|周|星期|个星期|礼拜
calendar 1 month months?|monate?n?|个月|月
calendar 12 year y|years?|jahre?n?|年
count 1 piece pieces?|stück|个
count 12 dozen dozens?|dutzend|打
"""
_ROWS = [line.split(" ", 3) for line in _TABLE.strip().splitlines()]
_KINDS = {symbol: kind for kind, _, symbol, _ in _ROWS}
_WORTHS = {symbol: int(worth) for _, worth, symbol, _ in _ROWS}
_NAMES = {symbol: re.compile(f"{symbol}|{names}", re.IGNORECASE) for _, _, symbol, names in _ROWS}
_UNIT = "|".join(sorted((name for _, _, s, names in _ROWS for name in (s, *names.split("|"))), key=len, reverse=True))
_QUANTITY = re.compile(rf"(?P<number>{NUMBER})\s?-?(?P<unit>(?:{_UNIT})(?![A-Za-zäöüß]))?", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,|and|und|,? ?and|零|又)?\s*", re.IGNORECASE)


def units(problem: Problem, text: str) -> bool:
    source, _, target = problem.canonical.partition(">")
    wanted = target.split()
    value = _source_value(source)
    if len(wanted) == 1:
        return _is_amount(text, value / _worth(wanted[0]), wanted[0], problem.language)
    return _is_composed(text, value, wanted)


def _is_amount(text: str, amount: Fraction, unit: str, language: Language) -> bool:
    """The last number is the amount, and a unit beside it is the one asked for."""
    found = list(_QUANTITY.finditer(text))
    if not found or found[-1].start() != written_numbers(text)[-1].start():
        return False
    last = found[-1]
    return amount in readings(last["number"], language) and (not last["unit"] or _is_named(last["unit"], unit))


def _is_composed(text: str, value: Fraction, wanted: list[str]) -> bool:
    """The last quantity in big and small units, each small part less than one of the next bigger unit."""
    parts: list[re.Match[str]] = []
    for found in reversed(list(_QUANTITY.finditer(text))):
        if parts and not _JOINED.fullmatch(text[found.end() : parts[0].start()]):
            break
        parts.insert(0, found)
    parts = parts[-len(wanted) :]
    counts = dict.fromkeys(wanted, 0)
    for part in parts:
        unit = next((unit for unit in wanted if part["unit"] and _is_named(part["unit"], unit)), None)
        if unit is None or not part["number"].isdigit() or counts[unit]:
            return False
        counts[unit] = int(part["number"][:9])
    return bool(parts) and counts == _in_parts(value, wanted)


def _in_parts(value: Fraction, wanted: list[str]) -> dict[str, int]:
    counts = {}
    for unit in sorted(wanted, key=_worth, reverse=True):
        counts[unit], value = divmod(value, _worth(unit))
    assert value == 0, f"{wanted} leave a rest"
    return counts


def _source_value(source: str) -> Fraction:
    words = source.split()
    kinds = {_KINDS[unit] for unit in words[1::2]}
    assert len(kinds) == 1, f"{source!r} mixes {kinds}"
    return sum((Fraction(n) * _worth(unit) for n, unit in zip(words[::2], words[1::2], strict=True)), Fraction(0))


def _worth(unit: str) -> int:
    return _WORTHS[unit]


def _is_named(written: str, unit: str) -> bool:
    return _NAMES[unit].fullmatch(written) is not None
