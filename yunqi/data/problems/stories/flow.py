"""Plot `flow`: somebody has things, gets some, gives some away, doubles, halves or shares them.

It may begin with a row of holders; its canonical form then is `rows:`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from yunqi.data.problems.problem import Language
from yunqi.data.problems.stories.story import Story, small
from yunqi.data.problems.stories.teller import Event, Teller
from yunqi.data.problems.working import Working

ROWS_SHARE = 0.2


@dataclass(slots=True)
class _Plan:
    """What happens, worked out as it is drawn. `in_range` is False where a number left the range on the way."""

    total: int
    codes: list[str]
    steps: int = 0
    working: Working = field(default_factory=Working)
    events: list[Event] = field(default_factory=list)
    in_range: bool = True


def tell(random: Random, steps: int, wide: bool, language: Language = "en") -> Story:
    """`steps` counts operations; a row of holders takes two (a product and a sum), at the start one."""
    plan, start = _start(random, wide)
    while plan.steps < steps and plan.in_range:
        event, code = _event(random, plan, steps - plan.steps, wide)
        plan.events.append(event)
        plan.codes.append(code)
        left = steps - plan.steps
        plan.in_range = 0 <= plan.total < (1000 if wide else 100 if left else 200)
    teller = Teller(random, language)
    sentences, question, reply = teller.tell(start, plan.events if plan.in_range else [], plan.total)
    return Story(
        canonical=("rows:" if len(start.numbers) > 1 else "flow:") + ",".join(plan.codes),
        sentences=sentences,
        question=question,
        working=plan.working,
        answer=plan.total,
        reply=reply,
        steps=steps,
        in_range=plan.in_range,
    )


def _start(random: Random, wide: bool) -> tuple[_Plan, Event]:
    if not wide and random.random() < ROWS_SHARE:
        count, each = random.randrange(2, 10), random.randrange(2, 13)
        plan = _Plan(count * each, [f"{count}*{each}"], steps=1)
        plan.working.multiply(count, each)
        plan.in_range = plan.total < 100
        return plan, Event("rows", (count, each))
    total = random.randrange(100, 600) if wide else random.randrange(3, 60)
    return _Plan(total, [str(total)]), Event("have", (total,))


def _event(random: Random, plan: _Plan, left: int, wide: bool) -> tuple[Event, str]:
    """One thing that happens, and its code."""
    kind, total = random.random(), plan.total
    divisors = [count for count in range(2, 10) if total and total % count == 0 and total <= 10 * count]
    if left == 1 and divisors and kind < 0.12:
        share = random.choice(divisors)
        return _shared(plan, "share", share), f"/{share}"
    if left >= 2 and kind < 0.27:
        return _row(random, plan)
    if kind < 0.32 and 0 < total < 50:
        factor = 2 if total > 33 or random.random() < 0.7 else 3
        plan.total = plan.working.multiply(total, factor)
        plan.steps += 1
        return Event("double" if factor == 2 else "triple", ()), f"*{factor}"
    if kind < 0.38 and 0 < total < 100 and total % 2 == 0:
        return _shared(plan, "half", 2), "/2"
    return _step(random, plan, random.randrange(100, 400) if wide and random.random() < 0.5 else small(random))


def _shared(plan: _Plan, kind: str, share: int) -> Event:
    plan.total, _ = plan.working.divide(plan.total, share)
    plan.steps += 1
    return Event(kind, (share,) if kind == "share" else ())


def _row(random: Random, plan: _Plan) -> tuple[Event, str]:
    """Some holders come or go, all alike."""
    count, each = random.randrange(2, 10), random.randrange(2, 10)
    leaves = count * each <= plan.total and random.random() < 0.4
    product = plan.working.multiply(count, each)
    plan.total = plan.working.subtract(plan.total, product) if leaves else plan.working.add(plan.total, product)
    plan.steps += 2
    return Event("drop" if leaves else "hold", (count, each)), f"{'-' if leaves else '+'}{count}*{each}"


def _step(random: Random, plan: _Plan, number: int) -> tuple[Event, str]:
    """Some come or go; never more go than there are."""
    plan.steps += 1
    if random.random() < 0.5 or number > plan.total:
        plan.total = plan.working.add(plan.total, number)
        return Event("get", (number,)), f"+{number}"
    plan.total = plan.working.subtract(plan.total, number)
    return Event("lose", (number,)), f"-{number}"
