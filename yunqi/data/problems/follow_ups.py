"""Skill `follow_ups`: "and times 3?" after a question about a number and its answer, or after two (beyond: three).

What the earlier turns ask is never held out of training, neither here nor in the skill it comes from: training reads
them, too. The thought begins with the number so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from yunqi.data.problems import chains, products, sums
from yunqi.data.problems.bucket import held_out
from yunqi.data.problems.number_words import spelled
from yunqi.data.problems.phrasing import answer_sentence, careless, listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working
from yunqi.protocol.messages import Message

SKILL = "follow_ups"
FIRST = (sums, sums, products, chains)
SECOND_SHARE = 0.35
LIMIT, LIMIT_PRODUCT = 9999, 999
NAMED_SHARE = 0.4
SPELLED_SHARE = 0.12

# What may stand before a request and after it. A request with a mark of its own takes no ending.
OPENINGS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{r} | {r} | {r} | and {r} | and {r} | and now {r} | now {r} | now {r} | ok, {r} | then {r} | so {r}"
        "| great, now {r} | next, {r} | ok now {r} | thanks, and {r} | good, and {r} | please {r} | hm, {r}"
    ),
    "de": listed("{r} | {r} | und {r} | und {r} | und jetzt {r} | jetzt {r} | dann {r} | ok, und {r} | gut, jetzt {r}"),
    "zh": listed("{r} | {r} | 再{r} | 再{r} | 然后{r} | 现在{r} | 那{r} | 好，再{r} | 接着{r}"),
}
ENDINGS: Mapping[Language, tuple[str, ...]] = {
    "en": ("?", "?", "?", ".", "", " please", " now?", "?"),
    "de": ("?", "?", "?", ".", "", " bitte"),
    "zh": ("呢？", "呢？", "？", "。", "", "是多少？", "等于多少？"),
}
REQUESTS: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed(
            "plus {v} | plus {v} | plus {v} | plus {v} | add {v} | add {v} | add {v} to that | add {v} to it"
            "| add another {v} | + {v} | {v} more | with {v} more | increase it by {v} | {v} added to that"
        ),
        "-": listed(
            "minus {v} | minus {v} | minus {v} | subtract {v} | subtract {v} | subtract {v} from that | - {v}"
            "| take away {v} | take {v} away | take {v} from that | less {v} | {v} less | decrease it by {v}"
        ),
        "*": listed(
            "times {v} | times {v} | times {v} | times {v} | multiply by {v} | multiply that by {v} | x {v}"
            "| multiply it by {v} | multiplied by {v} | * {v} | {v} times that | {v} times as much"
        ),
        "/": listed(
            "divided by {v} | divided by {v} | divided by {v} | divide by {v} | divide that by {v} | / {v}"
            "| divide it by {v} | split it by {v} | over {v}"
        ),
    },
    "de": {
        "+": listed("plus {v} | plus {v} | addiere {v} | addiere {v} dazu | zähle {v} dazu | + {v} | noch {v} dazu"),
        "-": listed("minus {v} | minus {v} | subtrahiere {v} | ziehe {v} ab | {v} weniger | - {v} | nimm {v} weg"),
        "*": listed("mal {v} | mal {v} | mal {v} | multipliziere das mit {v} | multipliziert mit {v} | x {v}"),
        "/": listed("geteilt durch {v} | geteilt durch {v} | durch {v} | teile das durch {v} | dividiert durch {v}"),
    },
    "zh": {
        "+": listed("加{v} | 加{v} | 加上{v} | 加{v} | 增加{v}"),
        "-": listed("减{v} | 减{v} | 减去{v} | 减去{v} | 减少{v}"),
        "*": listed("乘{v} | 乘以{v} | 乘以{v}"),
        "/": listed("除以{v}"),
    },
}
QUESTIONS: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed(
            "What if you add {v} to that? | What if I add {v}? | What is that plus {v}? | And if I add {v}?"
            "| What do I get if I add {v}? | How much is that plus {v}? | What about plus {v}?"
            "| And with {v} more? | Can you add {v} to that? | What would it be with {v} added?"
        ),
        "-": listed(
            "What if you subtract {v}? | What is that minus {v}? | And if I take {v} away? | What about minus {v}?"
            "| What is left if I take away {v}? | How much is that minus {v}? | Can you subtract {v} from that?"
            "| And {v} less than that?"
        ),
        "*": listed(
            "What if you multiply that by {v}? | What is that times {v}? | And if I multiply it by {v}?"
            "| How much is that times {v}? | What about times {v}? | Can you multiply that by {v}?"
            "| And {v} times that? | What is {v} times that?"
        ),
        "/": listed(
            "What if you divide that by {v}? | What is that divided by {v}? | And if I divide it by {v}?"
            "| How much is that divided by {v}? | Can you divide that by {v}? | And shared among {v}?"
        ),
    },
    "de": {
        "+": listed("Was ist das plus {v}? | Und wenn ich {v} addiere? | Wie viel ist das plus {v}? | Und {v} mehr?"),
        "-": listed(
            "Was ist das minus {v}? | Und wenn ich {v} abziehe? | Wie viel ist das minus {v}? | Und {v} weniger?"
        ),
        "*": listed("Was ist das mal {v}? | Und wenn ich es mit {v} multipliziere? | Wie viel ist das mal {v}?"),
        "/": listed("Was ist das geteilt durch {v}? | Und wenn ich es durch {v} teile? | Wie viel ist das durch {v}?"),
    },
    "zh": {
        "+": listed("如果再加{v}呢？ | 这个数加{v}是多少？ | 结果加上{v}呢？ | 加{v}以后是多少？"),
        "-": listed("如果再减{v}呢？ | 这个数减{v}是多少？ | 结果减去{v}呢？ | 减{v}以后是多少？"),
        "*": listed("如果再乘以{v}呢？ | 这个数乘以{v}是多少？ | 它的{v}倍是多少？ | 结果乘以{v}呢？"),
        "/": listed("如果再除以{v}呢？ | 这个数除以{v}是多少？ | 结果除以{v}呢？"),
    },
}
NAMED: Mapping[Language, Mapping[tuple[str, int], tuple[str, ...]]] = {
    "en": {
        ("*", 2): listed("double that | double it | twice that | doubled | what is twice that | double the result"),
        ("*", 3): listed("triple that | triple it | three times that"),
        ("/", 2): listed("half of that | halve it | halve that | half | what is half of that | cut it in half"),
        ("/", 3): listed("a third of that"),
        ("/", 4): listed("a quarter of that"),
    },
    "de": {
        ("*", 2): listed("verdopple das | das Doppelte davon | das Doppelte"),
        ("*", 3): listed("das Dreifache davon"),
        ("/", 2): listed("die Hälfte davon | halbiere das"),
    },
    "zh": {("*", 2): listed("翻倍 | 乘以2"), ("/", 2): listed("除以2 | 取一半")},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """One request, the `whole` expression it makes of what went before, and its answer."""

    request: str
    whole: str
    value: int
    thought: str
    reply: str


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    count = 3 if beyond else 2 if random.random() < SECOND_SHARE else 1
    value, whole, earlier = _first(random, language)
    for _ in range(count - 1):
        step = _draw(random, value, whole, language)
        while held_out(SKILL, step.whole):
            step = _draw(random, value, whole, language)
        value, whole, earlier = step.value, step.whole, earlier + _turn(step.request, step.reply)
    last = _draw(random, value, whole, language)
    return Problem(
        skill=SKILL,
        difficulty=count,
        question=last.request,
        canonical=last.whole,
        answer=str(last.value),
        thought=last.thought,
        reply=last.reply,
        beyond=beyond,
        language=language,
        earlier=earlier,
    )


def _draw(random: Random, value: int, whole: str, language: Language) -> FollowUp:
    sign, number = _operation(random, value)
    working = Working()
    result = _apply(working, value, sign, number)
    return FollowUp(
        request=_request(random, sign, number, language),
        whole=f"({whole}){sign}{number}",
        value=result,
        thought=working.text,
        reply=answer_sentence(str(result), language),
    )


def _first(random: Random, language: Language) -> tuple[int, str, tuple[Message, ...]]:
    """A number, what it is the value of, and the turn that asked for it."""
    while True:
        problem = random.choice(FIRST).generate(random, language=language)
        value = int(problem.answer)
        if 0 <= value <= LIMIT and not held_out(problem.skill, problem.canonical):
            return value, problem.canonical, _turn(problem.question, problem.reply)


def _turn(question: str, reply: str) -> tuple[Message, ...]:
    return Message(role="user", content=question), Message(role="assistant", content=reply)


def _operation(random: Random, value: int) -> tuple[str, int]:
    """What happens to the number: products of small numbers, exact quotients, and no result below zero."""
    sign = random.choice("++--**/")
    divisors = [divisor for divisor in range(2, 10) if value and value % divisor == 0]
    if sign == "/" and divisors:
        return sign, random.choice(divisors)
    if sign == "*" and value <= LIMIT_PRODUCT:
        return sign, random.choice((2, *range(2, 10), 10))
    number = random.choice((random.randrange(1, 10), random.randrange(10, 100), random.randrange(1, 30), 10, 100))
    if number == 100:
        number = random.randrange(100, 1000)
    return ("-" if sign == "-" and number <= value else "+"), number


def _apply(working: Working, value: int, sign: str, number: int) -> int:
    working.head(f"{value}{sign}{number}".replace("*", "x"))
    if sign == "/":
        return working.divide(value, number)[0]
    return {"+": working.add, "-": working.subtract, "*": working.multiply}[sign](value, number)


def _request(random: Random, sign: str, number: int, language: Language) -> str:
    typed = spelled(random, number) if language == "en" and random.random() < SPELLED_SHARE else str(number)
    if random.random() < 0.35:
        return careless(random, random.choice(QUESTIONS[language][sign]).format(v=typed))
    named = NAMED[language].get((sign, number))
    requests = named if named and random.random() < NAMED_SHARE else REQUESTS[language][sign]
    text = random.choice(OPENINGS[language]).format(r=random.choice(requests).format(v=typed))
    return (text[0].upper() + text[1:] if random.random() < 0.5 else text) + random.choice(ENDINGS[language])
