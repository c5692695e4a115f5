"""Skill `prices`: totals of one to three lines, change from a note and the price of one, in $, £, € and 元.

Beyond are bills of four or five lines and prices of one above a hundred. Thoughts work in cents (1.25=125c); the last
line goes back to money with two decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems import price_wording as wording
from yunqi.data.problems.phrasing import answer_sentence, careless
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "prices"
CURRENCIES: dict[Language, tuple[str, ...]] = {"en": ("$", "$", "$", "£", "€"), "de": ("€",), "zh": ("元",)}
LINE_COUNTS = (1, 2, 3)
LINE_WEIGHTS = (5, 5, 2)
LINE_COUNTS_BEYOND = (4, 5)
NOTES = (500, 1000, 2000, 5000, 10000, 20000, 50000)
SMALL_COIN_SHARE = 0.3
VOWELS = "aeiou"

# How often something is bought, and its price in cents.
Line = tuple[int, int]


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    currency = random.choice(CURRENCIES[language])
    kind = random.random()
    if kind < 0.25:
        return _each(random, beyond, language, currency)
    return _bill(random, beyond, language, currency, change=kind < 0.5)


def money(cents: int, currency: str, language: Language) -> str:
    """$3.75, 3,75 € or 3.75元, always with two decimals."""
    number = amount(cents, language)
    if currency == "元":
        return f"{number}元"
    return f"{number} {currency}" if language == "de" else f"{currency}{number}"


def amount(cents: int, language: Language) -> str:
    return f"{cents // 100}{',' if language == 'de' else '.'}{cents % 100:02}"


def _bill(random: Random, beyond: bool, language: Language, currency: str, *, change: bool) -> Problem:
    count = random.choice(LINE_COUNTS_BEYOND) if beyond else random.choices(LINE_COUNTS, LINE_WEIGHTS)[0]
    lines = [_line(random, alone=count == 1 and not change, short=count > 2) for _ in range(count)]
    total = sum(times * price for times, price in lines)
    typed = _Typing(random, currency, language)
    question = _Asking(random, language, typed)
    working = Working()
    if change:
        note = random.choice([note for note in NOTES if note > total][:2])
        canonical, text = f"change:{note}:", question.change(lines, note)
    else:
        note, canonical, text = None, "total:", question.total(lines)
    result = _work_out(working, lines, note, language)
    canonical += ",".join(f"{times}*{price}" for times, price in lines) + f";{currency}"
    return _problem(
        random, count + change, text, canonical, working, money(result, currency, language), beyond, language
    )


def _each(random: Random, beyond: bool, language: Language, currency: str) -> Problem:
    share = random.randrange(2, 10)
    single = random.randrange(10_000, 40_000, 5) if beyond else _price(random)
    whole = share * single
    text = _Asking(random, language, _Typing(random, currency, language)).each(share, whole)
    working = Working([f"{amount(whole, language)}={whole}c"])
    working.divide(whole, share)
    working.lines.append(f"{single}c={amount(single, language)}")
    answer = money(single, currency, language)
    return _problem(
        random, len(str(whole)), text, f"each:{whole}/{share};{currency}", working, answer, beyond, language
    )


def _problem(
    random: Random,
    difficulty: int,
    text: str,
    canonical: str,
    working: Working,
    answer: str,
    beyond: bool,
    language: Language,
) -> Problem:
    return Problem(
        skill=SKILL,
        difficulty=difficulty,
        question=careless(random, text[0].upper() + text[1:]),
        canonical=canonical,
        answer=answer,
        thought=working.text,
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _line(random: Random, *, alone: bool, short: bool) -> Line:
    times = 1 if not alone and random.random() < (0.5 if short else 0.3) else random.randrange(2, 10 if alone else 7)
    return times, _price(random, round_number=short and times > 1)


def _price(random: Random, *, round_number: bool = False) -> int:
    """A price in cents as it stands on a label: full, a half, a quarter, or any."""
    kind = random.random()
    if kind < 0.25 or round_number:
        return random.randrange(1, 13) * 100 if random.random() < 0.5 else random.randrange(1, 10) * 50
    if kind < 0.5:
        return random.randrange(1, 33) * 25
    if kind < 0.75:
        return random.randrange(3, 80) * 5
    return random.randrange(11, 1000)


def _work_out(working: Working, lines: list[Line], note: int | None, language: Language) -> int:
    """Each line to cents and times its count, their sum, and what the note leaves of it."""
    total = 0
    for index, (times, price) in enumerate(lines):
        working.lines.append(f"{amount(price, language)}={price}c")
        product = working.multiply(price, times) if times > 1 else price
        total = working.add(total, product) if index else product
    if note is not None:
        working.lines.append(f"{amount(note, language)}={note}c")
        total = working.subtract(note, total)
    working.lines.append(f"{total}c={amount(total, language)}")
    return total


class _Typing:
    """How one person writes amounts: with or without the zeros of a full price, small prices in cents or not."""

    def __init__(self, random: Random, currency: str, language: Language) -> None:
        self.currency = currency
        self.language: Language = language
        self.full = random.random() < 0.35
        self.small = random.random() < SMALL_COIN_SHARE
        self.named = random.random() < 0.15

    def __call__(self, cents: int) -> str:
        if self.small and cents < 100 and self.currency != "元":
            return f"{cents}{_small_coin(self.currency, self.language)}"
        number = str(cents // 100) if cents % 100 == 0 and not self.full else amount(cents, self.language)
        if self.currency == "元":
            return f"{number}元"
        if self.language == "de":
            return f"{number} Euro" if self.named else f"{number} €"
        names = {"$": "dollars", "£": "pounds", "€": "euros"}
        return f"{number} {names[self.currency]}" if self.named and cents != 100 else f"{self.currency}{number}"


def _small_coin(currency: str, language: Language) -> str:
    if language == "de":
        return " Cent"
    return "p" if currency == "£" else " cents"


class _Asking:
    """Puts a bill into words."""

    def __init__(self, random: Random, language: Language, typed: _Typing) -> None:
        self.random, self.typed = random, typed
        self.language: Language = language

    def total(self, lines: list[Line]) -> str:
        times, price = lines[0]
        asked = self._pick(wording.TOTAL_QUESTIONS)
        if len(lines) == 1 and self.random.random() < 0.6:
            return self._pick(wording.SINGLE_PRICES).format(t=asked, **self._thing(self._things(1)[0], times, price))
        return self._pick(wording.TOTALS).format(
            items=self._items(lines),
            b=self._pick(wording.OPENINGS),
            v=self.random.choice(("I buy", "you buy", "we buy", "she buys")),
            t=asked,
            u=self.random.choice(wording.CONTINUED_QUESTIONS),
        )

    def change(self, lines: list[Line], note: int) -> str:
        paid = self.typed(note)
        return self._pick(wording.CHANGES).format(
            items=self._items(lines),
            b=self._pick(wording.OPENINGS),
            p=self._pick(wording.PAID).format(m=paid),
            q=self._pick(wording.CHANGE_QUESTIONS),
            m=paid,
        )

    def each(self, share: int, whole: int) -> str:
        return self._pick(wording.EACH).format(**self._thing(self._things(1)[0], share, whole))

    def _items(self, lines: list[Line]) -> str:
        parts = []
        for thing, (times, price) in zip(self._things(len(lines)), lines, strict=True):
            template = self._pick(wording.SINGLE_LINES if times == 1 else wording.LINES)
            parts.append(template.format(**self._thing(thing, times, price)))
        comma, joint = wording.AND[self.language]
        return parts[0] if len(parts) == 1 else comma.join(parts[:-1]) + joint + parts[-1]

    def _thing(self, thing: tuple[str, ...], times: int, price: int) -> dict[str, object]:
        article = "an" if thing[0][0] in VOWELS else "a"
        return {
            "n": times,
            "m": self.typed(price),
            "x": thing[0],
            "xs": thing[1],
            "c": thing[1],
            "a": article,
            "A": article.capitalize(),
        }

    def _things(self, count: int) -> list[tuple[str, ...]]:
        return self.random.sample(wording.THINGS[self.language], count)

    def _pick(self, texts: Mapping[Language, tuple[str, ...]]) -> str:
        return self.random.choice(texts[self.language])
