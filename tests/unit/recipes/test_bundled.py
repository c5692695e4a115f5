"""The weights in the package: small, in the official layout, as good as their report and the documentation say."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

import yunqi
from yunqi import LLM
from yunqi.common.files import read_json
from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.split import problems
from yunqi.eval.frozen import declining_questions
from yunqi.eval.held_out import grade
from yunqi.eval.verifiers import declined
from yunqi.protocol.sampling import SamplingParams
from yunqi.recipes.nano import STEP_TOKENS
from yunqi.recipes.run import RECIPES

BUNDLED = Path(yunqi.__file__).parent / "hub" / "bundled"
MOST = {"nano": (12_000_000, 6_000_000), "nano-next": (24_000_000, 12_000_000)}  # bytes of the weights, parameters
CALCULATING = ("sums", "products", "chains", "follow_ups")


@pytest.fixture(scope="module")
def llm() -> LLM:
    return LLM("nano")


def report_of(name: str) -> dict[str, Any]:
    return read_json(BUNDLED / name / "report.json")


@pytest.mark.parametrize("name", MOST)
def test_the_folder_is_complete_and_small(name: str) -> None:
    names = {path.name for path in (BUNDLED / name).iterdir()}
    most_bytes, most_parameters = MOST[name]
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= names
    assert {"report.json", "report.md", "report.png"} <= names
    assert (BUNDLED / name / "model.safetensors").stat().st_size <= most_bytes
    assert report_of(name)["parameters"] <= most_parameters


@pytest.mark.parametrize("name", MOST)
def test_the_weights_come_from_the_recipe(name: str) -> None:
    report = report_of(name)
    config = report["config"]
    scale = {"steps": config["steps"], "windows": config["tokens_per_step"] // STEP_TOKENS}
    recipe = RECIPES[name](start=config.get("start", ""), **scale)
    assert report["fingerprint"] == recipe.fingerprint
    assert report["steps"] == recipe.steps
    assert bool(report.get("earlier")) == bool(recipe.start)


@pytest.mark.parametrize("name", MOST)
def test_the_report_asks_enough_of_every_skill(name: str) -> None:
    report = report_of(name)
    held_out = report["held_out"]
    assert set(SKILLS) <= set(held_out["skills"])
    assert sum(row["modes"]["thinking"]["of"] for row in held_out["skills"].values()) >= 900
    assert held_out["empty_answers"] == 0
    assert held_out["over_budget"] == 0
    assert report["agreement"]["deterministic"]["largest"] == 0


@pytest.mark.parametrize("skill", CALCULATING)
@pytest.mark.parametrize("name", MOST)
def test_thinking_pays_in_the_report(name: str, skill: str) -> None:
    modes = report_of(name)["held_out"]["skills"][skill]["modes"]
    assert modes["thinking"]["accuracy"] >= 0.9
    assert modes["thinking"]["thought"] >= 0.99
    assert modes["non-thinking"]["thought"] <= 0.01
    assert modes["non-thinking"]["accuracy"] < modes["thinking"]["accuracy"]


@pytest.mark.parametrize("skill", CALCULATING)
def test_it_answers_held_out_problems(llm: LLM, skill: str) -> None:
    graded = grade(llm, list(islice(problems(skill, "test", 11), 16)), thinking=True)
    assert sum(row.right for row in graded) >= 12
    assert all(row.thought for row in graded)


def test_it_answers_at_once_when_asked_to(llm: LLM) -> None:
    graded = grade(llm, list(islice(problems("chains", "test", 11), 8)), thinking=False)
    assert all(row.text and not row.thought for row in graded)
    assert max(row.num_tokens for row in graded) < 20


def test_it_declines_what_people_ask_from_outside(llm: LLM) -> None:
    questions = declining_questions()[::12]
    outputs = llm.chat([[{"role": "user", "content": q}] for q in questions], SamplingParams(max_tokens=300))
    assert sum(declined(output.outputs[0].text) for output in outputs) >= 0.75 * len(questions)


@pytest.mark.parametrize(
    ("name", "thinking", "skills", "most"),
    [("nano", True, SKILLS, 400), ("nano", False, SKILLS, 400), ("nano-next", True, ("chains", "letters"), 400)],
)
def test_transformers_loads_it_and_writes_the_same(name: str, thinking: bool, skills: Iterable[str], most: int) -> None:
    """Greedy tokens in float32, where the two computations differ least."""
    theirs = transformers.AutoModelForCausalLM.from_pretrained(BUNDLED / name, dtype=torch.float32)
    ours = LLM(name, dtype="float32")
    asked = [next(problems(skill, "test", 5)) for skill in skills]
    params = SamplingParams(temperature=0.0, max_tokens=most)
    for problem in asked:
        tools = list(problem.tools)
        (output,) = ours.chat([list(problem.prompt)], params, tools=tools, enable_thinking=thinking)
        ids = torch.tensor([output.prompt_token_ids])
        wanted = theirs.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=most, do_sample=False)
        assert output.outputs[0].token_ids == wanted[0, ids.shape[1] :].tolist(), problem.question
