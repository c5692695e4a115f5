"""Write the generated parts of the docs, or check that they are current (`--check`).

Generated: docs/errors.md and docs/cli.md, the status table of README.md, the room map of ARCHITECTURE.md, the
options of `LLM` in docs/python.md, and the figures of docs/nano.md and docs/nano-next.md,
from the reports beside the bundled weights.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path

from yunqi import LLM
from yunqi.cli.docs import pages
from yunqi.common.files import read_json, write_text
from yunqi.eval import format_report
from yunqi.families import FAMILIES

ROOT = Path(__file__).resolve().parent.parent
STATUS = {
    "measured": "measured here",
    "structure": "verified in structure only",
    "sketch": "sketch",
}
ROOMS = (
    ("cli", "anything"),
    ("server", "engine/client, processing, protocol"),
    ("recipes", "train, eval"),
    ("train", "data, eval, engine, models"),
    ("eval", "data, engine"),
    ("data", "processing"),
    ("engine", "models, processing, hub, protocol"),
    ("models", "layers"),
    ("layers", "ops"),
    ("ops", "-"),
    ("hub", "-"),
    ("processing", "protocol"),
    ("protocol", "-"),
    ("common", "standard library"),
)


def status_table() -> str:
    """The families and how far each is checked."""
    entries = [(f.measured, f.architecture, "measured") for f in FAMILIES if f.measured]
    entries += [(f.models, f.architecture, f.status) for f in FAMILIES]
    rows = [f"| {models} | `{architecture}` | {STATUS[status]} |" for models, architecture, status in entries]
    return "\n".join(["| models | architecture | status |", "| --- | --- | --- |", *rows])


def room_table() -> str:
    """Each room with the first sentence of its own docstring."""
    rows = []
    for room, imports in ROOMS:
        doc = ast.get_docstring(ast.parse((ROOT / "yunqi" / room / "__init__.py").read_text(encoding="utf-8"))) or ""
        sentence = " ".join(doc.split("\n\n")[0].split())
        rows.append(f"| `{room}/` | {sentence} | {imports} |")
    return "\n".join(
        ["| room | what it is for | may import (besides `families`, `common`) |", "| --- | --- | --- |", *rows]
    )


def held_out_tables(name: str) -> str:
    """The evaluation of a bundled model, as its report holds it."""
    report = read_json(ROOT / "yunqi" / "hub" / "bundled" / name / "report.json")
    return format_report(report["held_out"]).replace("## ", "### ")


def llm_options() -> str:
    """The arguments of `LLM`, as its docstring explains them; every one must be there, with its default."""
    parameters = inspect.signature(LLM).parameters
    section = inspect.cleandoc(LLM.__doc__ or "").partition("Args:\n")[2].partition("\n\n")[0]
    rows, explained = [], set[str]()
    for entry in re.split(r"\n(?=    \w)", section):
        names, _, meaning = " ".join(entry.split()).partition(": ")
        rows.append(f"| {', '.join(_with_default(parameters[name]) for name in names.split(', '))} | {meaning} |")
        explained |= set(names.split(", "))
    if explained != set(parameters):
        sys.exit(f"the docstring of LLM does not explain {', '.join(set(parameters) - explained)}")
    return "\n".join(["| option | meaning |", "| --- | --- |", *rows])


def _with_default(parameter: inspect.Parameter) -> str:
    """The name, and what a call that leaves it out means by it."""
    default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
    return f"`{parameter.name}{default}`"


def filled(path: Path, mark: str, text: str) -> str:
    """The file's text with the part between `<!-- mark -->` and `<!-- /mark -->` replaced."""
    pattern = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- /{mark} -->)", re.DOTALL)
    found, count = pattern.subn(lambda m: m[1] + text + m[2], path.read_text(encoding="utf-8"))
    if count != 1:
        sys.exit(f"{path.name} must have one place marked {mark}, and has {count}")
    return found


def wanted() -> dict[Path, str]:
    """Every file with a generated part, as it should be."""
    return pages() | {
        ROOT / "README.md": filled(ROOT / "README.md", "status", status_table()),
        **{
            page: filled(page, page.stem, held_out_tables(page.stem))
            for page in (ROOT / "docs" / "nano.md", ROOT / "docs" / "nano-next.md")
        },
        ROOT / "docs" / "python.md": filled(ROOT / "docs" / "python.md", "options", llm_options()),
        ROOT / "ARCHITECTURE.md": filled(ROOT / "ARCHITECTURE.md", "rooms", room_table()),
    }


def main() -> None:
    stale = {p: text for p, text in wanted().items() if not p.is_file() or p.read_text(encoding="utf-8") != text}
    if "--check" in sys.argv[1:]:
        if stale:
            sys.exit(f"not current, run `make docs`: {', '.join(path.name for path in stale)}")
        return
    for path, text in stale.items():
        write_text(path, text)
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
