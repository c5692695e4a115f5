"""The house's own rules: who may load torch, how long a file may be, what every family must bring."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import yunqi
from tests.parity.cases import CASES
from yunqi.families import FAMILIES, find_family

PACKAGE = Path(yunqi.__file__).parent
TORCH_FREE = ("common", "protocol", "processing", "hub", "server")
RUNS_TORCH = {"draft", "guides", "loader", "mapped", "mtp", "native_runner", "packed_checkpoint", "packing"}
RUNS_TORCH |= {"quantize", "stored_groups", "torch_memory", "torch_runner", "weights"}
LOADS_TORCH_LATER = {"build", "llm", "local", "process"}  # on call, which import-linter cannot tell from on import
LIGHT = ("torch", "transformers", "rich", "jinja2", "tokenizers", "numpy")


def loaded_by(code: str, names: tuple[str, ...]) -> set[str]:
    """Which of these packages a fresh Python has loaded after running `code`."""
    report = f"{code}\nimport sys\nprint(','.join(n for n in {names!r} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(filter(None, done.stdout.strip().split("\n")[-1].split(",")))


def modules_of(room: str) -> list[str]:
    files = sorted((PACKAGE / room).rglob("*.py"))
    names = [".".join(("yunqi", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def test_torch_free_rooms_load_no_torch() -> None:
    names = [name for room in TORCH_FREE for name in modules_of(room)] + ["yunqi.families"]
    names += [name for name in modules_of("engine") if name.rpartition(".")[2] not in RUNS_TORCH]
    assert loaded_by("\n".join(f"import {name}" for name in names), ("torch", "transformers")) == set()


def test_import_linter_knows_every_torch_free_module() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["name"]: each for each in project["tool"]["importlinter"]["contracts"]}
    named = contracts["These rooms never import torch"]["source_modules"]
    free = {f"yunqi.{room}" for room in TORCH_FREE} | {"yunqi.families"}
    with_torch = {"engine", *RUNS_TORCH, *LOADS_TORCH_LATER}
    free |= {name for name in modules_of("engine") if name.rpartition(".")[2] not in with_torch}
    assert sorted(free) == sorted(named)


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import yunqi", LIGHT) == set()
    assert loaded_by("from yunqi import SamplingParams", LIGHT) == set()


def test_every_public_name_resolves() -> None:
    for name in yunqi.__all__:
        assert getattr(yunqi, name) is not None
    with pytest.raises(AttributeError):
        _ = yunqi.nothing_of_the_kind  # pyright: ignore


def test_files_are_short_or_say_why() -> None:
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        doc = ast.get_docstring(ast.parse(text)) or ""
        assert doc, f"{file} has no docstring"
        assert text.count("\n") <= 600 or "lines long because" in doc, file
    for file in Path(__file__).parents[1].rglob("*.py"):
        assert file.read_text(encoding="utf-8").count("\n") <= 600, f"{file}: split it by theme"


def test_a_family_has_a_class_and_a_parity_case() -> None:
    cases = {case.architecture for case in CASES}
    for family in FAMILIES:
        assert find_family(family.architecture) is family
        model_class = family.load_class()
        assert model_class.__name__ == family.architecture
        assert model_class.config_class
        assert family.architecture in cases or family.status == "sketch"
    files = {f.stem for f in (PACKAGE / "models").glob("*.py")} - {"__init__"}
    assert files == {family.model_class.split(".")[2] for family in FAMILIES}
    assert cases <= {family.architecture for family in FAMILIES}
