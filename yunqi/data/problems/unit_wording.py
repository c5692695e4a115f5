"""How people ask for a conversion: symbols or names of units, and the questions around them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language

NAMES: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "en": {
        "km": ("kilometer", "kilometers"),
        "m": ("meter", "meters"),
        "cm": ("centimeter", "centimeters"),
        "mm": ("millimeter", "millimeters"),
        "kg": ("kilogram", "kilograms"),
        "g": ("gram", "grams"),
        "l": ("liter", "liters"),
        "ml": ("milliliter", "milliliters"),
        "h": ("hour", "hours"),
        "min": ("minute", "minutes"),
        "s": ("second", "seconds"),
        "d": ("day", "days"),
        "w": ("week", "weeks"),
        "year": ("year", "years"),
        "month": ("month", "months"),
        "dozen": ("dozen", "dozen"),
        "piece": ("piece", "pieces"),
        "ft": ("foot", "feet"),
        "in": ("inch", "inches"),
        "yd": ("yard", "yards"),
        "lb": ("pound", "pounds"),
        "oz": ("ounce", "ounces"),
    },
    "de": {
        "km": ("Kilometer", "Kilometer"),
        "m": ("Meter", "Meter"),
        "cm": ("Zentimeter", "Zentimeter"),
        "mm": ("Millimeter", "Millimeter"),
        "kg": ("Kilogramm", "Kilogramm"),
        "g": ("Gramm", "Gramm"),
        "l": ("Liter", "Liter"),
        "ml": ("Milliliter", "Milliliter"),
        "h": ("Stunde", "Stunden"),
        "min": ("Minute", "Minuten"),
        "s": ("Sekunde", "Sekunden"),
        "d": ("Tag", "Tage"),
        "w": ("Woche", "Wochen"),
        "year": ("Jahr", "Jahre"),
        "month": ("Monat", "Monate"),
        "dozen": ("Dutzend", "Dutzend"),
        "piece": ("Stück", "Stück"),
    },
    "zh": {
        "km": ("公里", "千米"),
        "m": ("米", "米"),
        "cm": ("厘米", "厘米"),
        "mm": ("毫米", "毫米"),
        "kg": ("公斤", "千克"),
        "g": ("克", "克"),
        "l": ("升", "升"),
        "ml": ("毫升", "毫升"),
        "h": ("小时", "小时"),
        "min": ("分钟", "分钟"),
        "s": ("秒", "秒"),
        "d": ("天", "天"),
        "w": ("周", "周"),
        "year": ("年", "年"),
        "month": ("个月", "个月"),
        "dozen": ("打", "打"),
        "piece": ("个", "个"),
    },
}
BRITISH = ("meter", "metre"), ("liter", "litre")
# These units have no symbol that people write.
UNSYMBOLED = frozenset({"d", "w", "year", "month", "dozen", "piece"})
AND: Mapping[Language, str] = {"en": " and ", "de": " und ", "zh": ""}
# {s} is the amount, {t} the unit asked for, {d} the same in the dative.
QUESTIONS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "How many {t} are {s}? | How many {t} are in {s}? | How many {t} are there in {s}? | Convert {s} to {t}."
        "| Convert {s} into {t}. | {s} in {t} | {s} in {t}? | {s} to {t} | {s} = ? {t} | What is {s} in {t}?"
        "| What's {s} in {t}? | How much is {s} in {t}? | Change {s} into {t}. | Write {s} in {t}."
        "| Express {s} in {t}."
        "| I have {s}. How many {t} is that? | {s} is how many {t}? | How many {t} make {s}? | Turn {s} into {t}."
        "| Please convert {s} to {t}. | Can you convert {s} to {t}? | {s}: how many {t}? | Give me {s} in {t}."
        "| Tell me how many {t} {s} are. | {s}, in {t} please | What would {s} be in {t}? | I need {s} in {t}."
    ),
    "de": listed(
        "Wie viele {t} sind {s}? | {s} in {d} | {s} in {d}? | Was sind {s} in {d}? | Wie viel sind {s} in {d}?"
        "| Rechne {s} in {t} um. | Wandle {s} in {t} um. | {s} = ? {t} | {s} sind wie viele {t}? | Gib {s} in {d} an."
        "| Kannst du {s} in {t} umrechnen? | Schreibe {s} in {d}. | Ich habe {s}. Wie viele {t} sind das?"
    ),
    "zh": listed(
        "{s}等于多少{t}？ | {s}是多少{t}？ | {s}有多少{t}？ | 把{s}换算成{t}。 | {s}=?{t} | {s}换成{t}是多少？"
        "| {s}等于几{t}？ | 请把{s}化成{t}。 | {s}合多少{t}？"
    ),
}
TIME_QUESTIONS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "A film is {s} long. How many {t} is that? | A trip takes {s}. How long is that in {t}?"
        "| I waited {s}. What is that in {t}?"
    ),
    "de": listed("Ein Film dauert {s}. Wie viele {t} sind das? | Die Fahrt dauert {s}. Was ist das in {d}?"),
    "zh": listed("电影长{s}，是多少{t}？ | 坐车用了{s}，是多少{t}？"),
}


def ask(random: Random, source: str, target: str, language: Language) -> str:
    """The question; one person writes either symbols or names."""
    second, british = random.randrange(2), language == "en" and random.random() < 0.3
    words = source.split()
    symbols = random.random() < 0.5 and UNSYMBOLED.isdisjoint([*words, *target.split()])
    amounts = [
        _amount(number, unit, language, symbols=symbols, second=second)
        for number, unit in zip(words[::2], words[1::2], strict=True)
    ]
    joint = random.choice((" ", AND[language])) if language != "zh" else ""
    wanted = AND[language] if language != "zh" else "和"
    units = wanted.join(_unit(unit, 2, language, symbols=symbols, second=second) for unit in target.split())
    timed = words[1] in ("h", "min") and random.random() < 0.15
    template = random.choice((TIME_QUESTIONS if timed else QUESTIONS)[language])
    dative = " und ".join(_dative(unit, symbols=symbols) for unit in target.split()) if language == "de" else ""
    text = template.format(s=joint.join(amounts), t=units, d=dative)
    if british:
        for american, written in BRITISH:
            text = text.replace(american, written)
    return text


def _dative(unit: str, *, symbols: bool) -> str:
    """German: in Tagen, in Metern, in Gramm."""
    name = _unit(unit, 2, "de", symbols=symbols, second=0)
    return f"{name}n" if name.endswith(("ter", "age", "ahre", "onate")) else name


def say(answer: str, unit: str, language: Language) -> str:
    """The amount with its unit, short."""
    if unit == "piece" and language == "en":
        return answer
    return _amount(answer, unit, language, symbols=True, second=0)


def _amount(number: str, unit: str, language: Language, *, symbols: bool, second: int) -> str:
    written = number.replace(".", ",") if language == "de" else number
    named = _unit(unit, 1 if number == "1" else 2, language, symbols=symbols, second=second)
    return f"{written}{'' if language == 'zh' else ' '}{named}"


def _unit(unit: str, count: int, language: Language, *, symbols: bool, second: int) -> str:
    if symbols and unit not in UNSYMBOLED:
        return unit
    names = NAMES[language][unit]
    return names[second] if language == "zh" else names[0 if count == 1 else 1]
