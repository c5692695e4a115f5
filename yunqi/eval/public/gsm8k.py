r"""GSM8K (Cobbe et al. 2021, "Training Verifiers to Solve Math Word Problems"): school problems with one number.

`gsm8k/test.jsonl` holds `question` and `answer`, a worked solution that ends in `#### 18`. An answer is right when the
box holds that number, or, without a box, when it is the last number of the text. Tables count by the lines of the
worked solution.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from yunqi.eval.public.boxed import INSTRUCTION, boxed
from yunqi.eval.public.equality import same_answer
from yunqi.eval.public.files import Row, read_rows, text_of, unreadable
from yunqi.eval.public.spelling import clean
from yunqi.eval.public.task import Task, user
from yunqi.eval.verifiers.numbers import last_number, readings, written_numbers

FILE = "gsm8k/test.jsonl"

_REFERENCE = re.compile(r"####\s*\$?(-?[\d,]+(?:\.\d+)?)\s*$")
_MOST_STEPS = 8
_TAIL = 2_000  # characters in which the last number is looked for


def load(folder: Path) -> list[Task]:
    """Every problem of the test split. Raises `data-missing` or `data-unreadable`."""
    return [_task(number, row, place) for number, (place, row) in enumerate(read_rows(folder / FILE))]


def is_right(text: str, reference: Fraction) -> bool:
    """Whether a reply ends in this number."""
    inside = boxed(text)
    if inside is None:
        return reference in last_number(text[-_TAIL:])
    if same_answer(inside, str(reference)):
        return True
    numbers = written_numbers(clean(inside))  # 18 eggs a day
    return len(numbers) == 1 and reference in readings(numbers[0][0], "en")


def _task(number: int, row: Row, place: str) -> Task:
    question, answer = text_of(row, "question", place), text_of(row, "answer", place)
    found = _REFERENCE.search(answer)
    if found is None:
        raise unreadable(place, "'answer' does not end in '#### ' and a number")
    reference = Fraction(found[1].replace(",", ""))
    steps = sum(bool(line.strip()) for line in answer[: found.start()].splitlines())
    return Task(
        name=f"gsm8k/{number}",
        messages=user(f"{question}\n\n{INSTRUCTION}"),
        grader=lambda output: is_right(output.text, reference),
        labels={"steps": f"{_MOST_STEPS}+" if steps >= _MOST_STEPS else str(steps)},
    )
