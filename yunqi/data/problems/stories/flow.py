"""Plot `flow`: somebody has things, gets some, gives some away, doubles or shares them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from yunqi.data.problems.stories.story import EDIBLE, HOLDERS, THINGS, Person, Story, counted, people, small
from yunqi.data.problems.working import Working

HAVE = (
    "{p} has {n}.",
    "{p} has {n}.",
    "{p} had {n}.",
    "{p} owns {n}.",
    "{p} starts with {n}.",
    "At first {p} has {n}.",
    "There are {n} in {p}'s bag.",
    "{p} collected {n}.",
    "{p} brought {n} to school.",
    "{p} bought {n}.",
    "{p} has a collection of {n}.",
    "{p} keeps {n} in a box.",
    "In the morning {p} has {n}.",
    "{p} picked {n}.",
    "{p} made {n}.",
    "{p} has {n} on the table.",
    "There are {n} on {p}'s desk.",
)
GET = (
    "{They} buys {n} more.",
    "{They} gets {n} more.",
    "{They} finds {n} more.",
    "Then {they} buys {n}.",
    "{They} wins {n}.",
    "{q} gives {them} {n}.",
    "Then {q} gives {them} {n} more.",
    "{They} receives {n} from {q}.",
    "{Their} mother gives {them} {n} more.",
    "Later {they} finds {n}.",
    "On Monday {they} gets {n} more.",
    "{They} adds {n} to them.",
    "{They} picks {n} more.",
    "{They} makes {n} more.",
    "{q} brings {them} {n} more.",
    "{They} collects another {n}.",
    "{They} earns {n} more.",
    "{Their} brother gives {them} {n}.",
    "{They} takes {n} more from the shelf.",
    "For {their} birthday {they} gets {n} more.",
    "{They} puts {n} more with them.",
    "{q} gives {p} {n} more.",
    "{p} buys {n} more.",
    "{p} finds {n} more.",
)
LOSE = (
    "{They} gives {n} to {q}.",
    "{They} gives {q} {n}.",
    "{They} loses {n}.",
    "{They} sells {n}.",
    "Then {they} loses {n}.",
    "{They} uses {n}.",
    "{q} takes {n} of them.",
    "{They} breaks {n} of them.",
    "{They} throws away {n}.",
    "{They} puts {n} aside for {q}.",
    "On Sunday {they} gives away {n}.",
    "{n} get lost.",
    "{They} uses up {n} of them.",
    "{They} gives away {n}.",
    "{They} gives away {n} of them.",
    "{They} hands {n} to {q}.",
    "{n} of them break.",
    "{They} donates {n}.",
    "{They} drops {n}.",
    "{They} spends {n}.",
    "{They} trades {n} away.",
    "{q} buys {n} of them.",
    "{p} gives {q} {n}.",
    "{p} loses {n}.",
)
EAT = (
    "{They} eats {n}.",
    "{They} eats {n} of them.",
    "{n} of them are eaten.",
    "{q} eats {n}.",
    "{p} eats {n} {things}.",
)
HOLD = (
    "{They} buys {k} {holders} with {m} {things} each.",
    "{They} gets {k} {holders} of {m} {things} each.",
    "{q} gives {them} {k} {holders} with {m} {things} in each.",
    "Then {they} fills {k} more {holders} with {m} {things} each and keeps them.",
)
DOUBLE = (
    "Then {they} doubles what {they} has.",
    "{q} doubles {their} {things}.",
    "The next day {they} has twice as many.",
)
SHARE = (
    "{They} shares all of them equally among {k} friends.",
    "{They} puts them all equally into {k} {holders}.",
    "{They} divides them equally into {k} groups.",
)
LINKS = ("Then", "After that,", "Next,", "Later", "Afterwards", "Today")
ASK_NOW = (
    "How many {things} does {p} have now?",
    "How many {things} does {p} have in the end?",
    "How many {things} are left?",
    "How many {things} does {they} have?",
    "How many does {p} have now?",
    "How many {things} remain with {p}?",
    "How many {things} does {p} have left?",
    "How many {things} are there now?",
    "How many does {p} have left?",
    "What is the number of {things} now?",
    "How many {things} does {they} have now?",
    "How many {things} are left in the end?",
)
ASK_SHARE = {
    0: ("How many {things} does each friend get?", "How many does each friend get?"),
    1: ("How many {things} are in each {holder}?", "How many {things} does one {holder} hold?"),
    2: ("How many {things} are in each group?", "How large is each group?"),
}


def tell(random: Random, steps: int, wide: bool) -> Story:
    """`steps` counts operations; a row of holders takes two (a product and a sum)."""
    hero, other = people(random, 2)
    thing, holder = random.choice(THINGS), random.choice(HOLDERS)
    total = random.randrange(100, 600) if wide else random.randrange(5, 60)
    working, codes = Working(), [str(total)]
    fill = _filler(hero, other, thing, holder)
    sentences = [fill(random.choice(HAVE), n=counted(total, thing))]
    left, in_range, ask = steps, True, random.choice(ASK_NOW)
    while left and in_range:
        total, code, sentence, used, share = _event(random, total, left, steps - left, wide, working, fill, thing)
        codes.append(code)
        sentences.append(_linked(random, sentence))
        left -= used
        in_range = 0 <= total < (1000 if wide else 100 if left else 200)
        if share is not None:
            ask = random.choice(ASK_SHARE[share])
    reply = f"Now {hero.name} has {total}." if ask in ASK_NOW else f"Each gets {total}."
    if ask not in ASK_NOW and "friend" not in ask:
        reply = f"There are {total} in each."
    return Story(
        canonical="flow:" + ",".join(codes),
        sentences=_joined(random, sentences),
        question=fill(ask),
        working=working,
        answer=total,
        reply=reply,
        steps=steps,
        in_range=in_range,
    )


def _joined(random: Random, sentences: list[str]) -> tuple[str, ...]:
    """The sentences, now and then with the first two as one: "Tom has 3 apples and buys 4 more."."""
    first, second = sentences[0], sentences[1] if len(sentences) > 1 else ""
    pronoun, _, rest = second.partition(" ")
    if pronoun not in ("He", "She") or not first.split(" ")[0].istitle() or random.random() >= 0.2:
        return tuple(sentences)
    if first.startswith(("There", "In ", "At ")):
        return tuple(sentences)
    return (f"{first.removesuffix('.')} and {rest}", *sentences[2:])


def _linked(random: Random, sentence: str) -> str:
    """The sentence, now and then tied to the one before."""
    if not sentence.startswith(("He ", "She ")) or random.random() >= 0.2:
        return sentence
    return f"{random.choice(LINKS)} {sentence[0].lower()}{sentence[1:]}"


def _filler(hero: Person, other: Person, thing: tuple[str, str], holder: tuple[str, str]) -> Callable[..., str]:
    fixed = {
        "p": hero.name,
        "q": other.name,
        "they": hero.they,
        "They": hero.they.capitalize(),
        "their": hero.their,
        "Their": hero.their.capitalize(),
        "them": hero.them,
        "things": thing[1],
        "holder": holder[0],
        "holders": holder[1],
    }
    return lambda template, **values: template.format(**fixed, **values)


def _event(
    random: Random,
    total: int,
    left: int,
    done: int,
    wide: bool,
    working: Working,
    fill: Callable[..., str],
    thing: tuple[str, str],
) -> tuple[int, str, str, int, int | None]:
    """One thing that happens: the new total, its code, its sentence, the steps it took, and how it was shared."""
    kind = random.random()
    if left == 1 and done and kind < 0.12:
        divisors = [k for k in range(2, 10) if total and total % k == 0 and total <= 10 * k]
        if divisors:
            k, how = random.choice(divisors), random.randrange(len(SHARE))
            return working.divide(total, k)[0], f"/{k}", fill(SHARE[how], k=k), 1, how
    if left >= 2 and kind < 0.3:
        k, m = random.randrange(2, 10), random.randrange(2, 10)
        sentence = fill(random.choice(HOLD), k=k, m=m)
        return working.add(total, working.multiply(k, m)), f"+{k}*{m}", sentence, 2, None
    if kind < 0.36 and 0 < total < 50:
        return working.multiply(total, 2), "*2", fill(random.choice(DOUBLE)), 1, None
    number = random.randrange(100, 400) if wide and random.random() < 0.5 else small(random)
    if random.random() < 0.5:
        text = _counting(random, fill, random.choice(GET), number, thing)
        return working.add(total, number), f"+{number}", text, 1, None
    if number > total:
        return -1, f"-{number}", "", 1, None
    template = random.choice(EAT if thing[1] in EDIBLE and random.random() < 0.3 else LOSE)
    return working.subtract(total, number), f"-{number}", _counting(random, fill, template, number, thing), 1, None


def _counting(random: Random, fill: Callable[..., str], template: str, number: int, thing: tuple[str, str]) -> str:
    """The template with the number alone, or with the thing beside it where the template does not name it."""
    bare = "of them" in template or "{things}" in template or random.random() < 0.6
    return fill(template, n=str(number) if bare else counted(number, thing))
