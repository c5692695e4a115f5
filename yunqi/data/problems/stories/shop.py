"""Plot `shop`: things with prices, bought in numbers, paid with a note; and money saved week by week."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.stories.story import THINGS, Story, counted, people
from yunqi.data.problems.working import Working

PRICE = ("One {x} costs {n} {coin}.", "A single {x} costs {n} {coin}.", "Each {x} costs {n} {coin}.")
COINS = ("dollars", "dollars", "euros", "coins", "pounds")
PAY = (
    "How much does {p} pay?",
    "How much does {p} pay in total?",
    "What is the total price?",
    "How much is it in all?",
)
CHANGE = (
    "{They} pays with {n} {coin}. How much change does {they} get?",
    "{p} has {n} {coin}. How much is left after that?",
    "{They} gives the cashier {n} {coin}. How much does {they} get back?",
)
SAVE = (
    "{p} saves {n} {coin} each week.",
    "Every week {p} saves {n} {coin}.",
    "{p} earns {n} {coin} a week and saves it.",
)
WEEKS = ("{They} does so for {k} weeks.", "After {k} weeks {they} counts the money.", "This goes on for {k} weeks.")
SPEND = ("Then {they} spends {n} {coin}.", "{They} buys a game for {n} {coin}.", "{They} pays {n} {coin} for a gift.")
ALREADY = ("{They} already had {n} {coin}.", "At the start {they} had {n} {coin}.")
ADDED = ("{Their} aunt adds {n} {coin}.", "{They} gets {n} {coin} as a gift.", "{They} finds {n} {coin}.")


def tell(random: Random, steps: int, wide: bool) -> Story:
    del wide  # prices stay small
    if steps > 4 or random.random() < 0.4:
        return _save(random, steps)
    return _buy(random, steps)


def _buy(random: Random, steps: int) -> Story:
    """One step: one kind; two: one kind and change; three: two kinds; four: two kinds and change."""
    buyer = people(random, 1)[0]
    coin = random.choice(COINS)
    things = random.sample(THINGS, 2)
    working = Working()
    fixed = {"p": buyer.name, "they": buyer.they, "They": buyer.they.capitalize(), "coin": coin}
    rows = [(random.randrange(2, 10), random.randrange(2, 13)) for _ in range(1 if steps <= 2 else 2)]
    prices = [
        random.choice(PRICE).format(x=thing[0], n=price, coin=coin)
        for thing, (_, price) in zip(things, rows, strict=False)
    ]
    basket = " and ".join(counted(count, thing) for thing, (count, _) in zip(things, rows, strict=False))
    sentences = [*prices, random.choice((f"{buyer.name} buys {basket}.", f"{buyer.name} takes {basket}."))]
    total = working.multiply(*rows[0])
    for row in rows[1:]:
        total = working.add(total, working.multiply(*row))
    question, codes = random.choice(PAY).format(**fixed), [f"{count}*{price}" for count, price in rows]
    reply = f"In total {buyer.name} pays {total} {coin}."
    if steps in (2, 4):
        note = random.choice([n for n in (20, 50, 80, 100, 90, 60, 150) if n >= total] or [total])
        codes.append(f"from {note}")
        question = random.choice(CHANGE).format(n=note, **fixed)
        total = working.subtract(note, total)
        reply = f"{total} {coin} are left."
    return Story(
        canonical="shop:" + ",".join(codes),
        sentences=tuple(sentences),
        question=question,
        working=working,
        answer=total,
        reply=reply,
        steps=steps,
        in_range=max(count * price for count, price in rows) < 100,
    )


def _save(random: Random, steps: int) -> Story:
    """Weekly savings, then gifts and spending."""
    saver = people(random, 1)[0]
    coin = random.choice(COINS)
    fixed = {
        "p": saver.name,
        "they": saver.they,
        "They": saver.they.capitalize(),
        "Their": saver.their.capitalize(),
        "coin": coin,
    }
    rate, weeks = random.randrange(2, 13), random.randrange(2, 10)
    working, codes = Working(), [f"{rate}*{weeks}"]
    sentences = [random.choice(SAVE).format(n=rate, **fixed), random.choice(WEEKS).format(k=weeks, **fixed)]
    total, in_range = working.multiply(rate, weeks), True
    for _ in range(steps - 1):
        number = random.randrange(2, 50)
        gains = number > total or random.random() < 0.4
        gained = ADDED if len(codes) > 1 or random.random() < 0.5 else ALREADY
        sentences.append(random.choice(gained if gains else SPEND).format(n=number, **fixed))
        codes.append(f"{'+' if gains else '-'}{number}")
        in_range = in_range and total < 100
        total = working.add(total, number) if gains else working.subtract(total, number)
    return Story(
        canonical="save:" + ",".join(codes),
        sentences=tuple(sentences),
        question=random.choice(
            ("How much does {p} have now?", "How many {coin} does {p} have now?", "How much money is left?")
        ).format(**fixed),
        working=working,
        answer=total,
        reply=f"Now {saver.name} has {total} {coin}.",
        steps=steps,
        in_range=in_range,
    )
