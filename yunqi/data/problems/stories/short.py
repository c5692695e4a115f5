"""Plot `short`: the plot `flow` of one or two steps, whose last one takes more than there is."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.data.problems.problem import Language
from yunqi.data.problems.stories.story import Story, small
from yunqi.data.problems.stories.teller import Event, Teller
from yunqi.data.problems.working import Working

MOST = 40
CLOSE_SHARE = 0.5
REPLIES: Mapping[Language, str] = {
    "en": "That is impossible: there {is_} only {n}, not {m}.",
    "de": "Das geht nicht: Es {is_} nur {n} da, nicht {m}.",
    "zh": "这不可能：只有{n}{c}，没有{m}{c}。",
}


def tell(random: Random, steps: int, language: Language) -> Story:
    """The reply says how much there is before the last step, which its answer repeats."""
    total, working = random.randrange(2, MOST), Working()
    start, events, codes = Event("have", (total,)), [], [str(total)]
    if steps == 2:
        event, total = _before(random, working, total)
        events.append(event)
        codes.append(f"{'+' if event.kind == 'get' else '-'}{event.numbers[0]}")
    taken = total + (random.randrange(1, 10) if random.random() < CLOSE_SHARE else small(random))
    working.lines.append(f"{total}<{taken} impossible")
    teller = Teller(random, language)
    sentences, question, _ = teller.tell(start, [*events, Event("lose", (taken,))], total)
    is_ = {"en": ("is", "are"), "de": ("ist", "sind"), "zh": ("", "")}[language][total != 1]
    return Story(
        canonical=f"short:{','.join(codes)},-{taken}",
        sentences=sentences,
        question=question,
        working=working,
        answer=total,
        reply=REPLIES[language].format(n=total, m=taken, is_=is_, c=teller.fixed.get("c", "")),
        steps=steps,
    )


def _before(random: Random, working: Working, total: int) -> tuple[Event, int]:
    """One step that is possible, and what there is then."""
    number = small(random)
    if random.random() < 0.5 and number < total:
        return Event("lose", (number,)), working.subtract(total, number)
    return Event("get", (number,)), working.add(total, number)
