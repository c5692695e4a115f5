r"""MATH-500 (Lightman et al. 2023, from Hendrycks et al. 2021): competition problems, seven subjects, five levels.

`math500/math500_test.json` is a list of objects with `problem`, `answer`, `subject` and `level`. The box, or what
follows "the answer is", must equal the reference: see `yunqi.eval.public.equality` for what is understood. There is no
computer algebra behind it, so figures may lie a little below those of graders that have one, or that round.
"""

from __future__ import annotations

from pathlib import Path

from yunqi.eval.public.boxed import INSTRUCTION, final_answer
from yunqi.eval.public.equality import same_answer
from yunqi.eval.public.files import Row, read_rows, text_of
from yunqi.eval.public.task import Task, user

FILE = "math500/math500_test.json"


def load(folder: Path) -> list[Task]:
    """Every problem. Raises `data-missing` or `data-unreadable`."""
    return [_task(number, row, place) for number, (place, row) in enumerate(read_rows(folder / FILE))]


def is_right(text: str, reference: str) -> bool:
    """Whether a reply's final answer equals the reference."""
    answer = final_answer(text)
    return answer is not None and same_answer(answer, reference)


def _task(number: int, row: Row, place: str) -> Task:
    problem, reference = text_of(row, "problem", place), text_of(row, "answer", place)
    return Task(
        name=f"math500/{row.get('unique_id', number)}",
        messages=user(f"{problem}\n\n{INSTRUCTION}"),
        grader=lambda output: is_right(output.text, reference),
        labels={"level": str(row.get("level", "?")), "subject": str(row.get("subject", "?"))},
    )
