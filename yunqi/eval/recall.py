"""How far back a model recalls a planted fact: held-out facts at rising distances, up to four times the trained one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.data.problems.problem import Problem
from yunqi.data.problems.recall import BEYOND, MOST, SKILL, held_out_at, num_rivals
from yunqi.data.split import TEST_PERCENT
from yunqi.eval.asking import ChatModel, Setting, as_question
from yunqi.eval.survey import Survey, mean, share_row
from yunqi.hub.resolve import resolve

DISTANCES = (10, 20, 40, MOST, 160, BEYOND)


def taught(model: str | Path) -> bool:
    """Whether the report beside a model's weights says that its training held such problems."""
    try:
        folder = resolve(model)
    except YunqiError:  # a model from elsewhere, which has no report
        return False
    if not (folder / "report.json").is_file():
        return False
    phases = read_json(folder / "report.json").get("config", {}).get("phases", [])
    return any(SKILL in phase["mix"]["skills"] for phase in phases)


def recall_section(
    survey: Survey, model: ChatModel, modes: Mapping[str, Setting], n: int, seed: int
) -> list[dict[str, Any]]:
    """One row a distance: sentences and, on average, tokens from the fact to the end of the question; the share of
    right answers in each mode; and that of who draws one of the facts of this kind that were told.
    """
    drawn = {distance: _problems(distance, n, seed) for distance in DISTANCES}
    tasks = {str(distance): [as_question(problem) for problem in row] for distance, row in drawn.items()}
    answers = survey.ask("Recalling a planted fact", tasks, tuple(modes.values()))
    encode = model.get_tokenizer().encode
    return [
        {
            "sentences": distance,
            "tokens": round(mean([_tokens_since(problem, encode) for problem in drawn[distance]])),
            "trained": distance <= MOST,
            "chance": round(1 / (1 + num_rivals(distance)), 4),
            "modes": {
                mode: share_row([answer.right for answer in answers[str(distance), setting]])
                for mode, setting in modes.items()
            },
        }
        for distance in DISTANCES
    ]


def _problems(distance: int, n: int, seed: int) -> list[Problem]:
    random = Random(f"{SKILL}/{distance}/{seed}")
    return [held_out_at(random, distance, TEST_PERCENT) for _ in range(n)]


def _tokens_since(problem: Problem, encode: Any) -> int:
    """From the end of the fact to the end of the question, without the marks between turns."""
    fact = problem.thought.splitlines()[0]
    texts = [message.text for message in problem.prompt]
    told = next(i for i, text in enumerate(texts) if fact in text)
    rest = [texts[told].split(fact, 1)[1], *texts[told + 1 :]]
    return sum(len(encode(text)) for text in rest)
