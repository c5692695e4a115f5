"""A report as tables that people read, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]


def format_report(report: Report) -> str:
    """All that a report holds: one section after the other, each with its heading."""
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in _sections(report) if text)


def format_table(report: Report) -> str:
    """One row a skill: accuracies in percent with their 95 % intervals, tokens, and the baselines."""
    modes = list(report["macro"])
    rows = []
    for skill, row in report["skills"].items():
        some = row["modes"][modes[0]]
        cells = [f"{_share(row['modes'][mode])}, {row['modes'][mode]['tokens']:.0f} tokens" for mode in modes]
        rows.append([skill, f"{some['of']} ({row['distinct']} distinct)", *cells, *_baselines(row)])
    rows.append(["mean", "", *(_percent(report["macro"][mode]) for mode in modes), "", ""])
    return _table(["skill", "problems", *modes, "nearest", "chance"], rows)


def format_difficulty(report: Report) -> str:
    """Right answers over the number of digits or steps."""
    modes = list(report["macro"])
    rows = []
    for skill, row in report["skills"].items():
        levels = [row["modes"][mode]["by_difficulty"] for mode in modes]
        rows += [[skill, level, *("{} of {}".format(*found[level]) for found in levels)] for level in levels[0]]
    return _table(["skill", "digits or steps", *modes], rows)


def format_budgets(report: Report) -> str:
    """Accuracy, tokens and seconds at each budget; the last column compares with the row above, problem by problem."""
    section = report.get("budgets")
    if not section:
        return ""
    against = ["", *(_signed(step) for step in section["steps"])]
    rows = [
        [row["budget"], str(row["of"]), _share(row), f"{row['tokens']:.0f}", f"{row['seconds']:.2f}", change]
        for row, change in zip(section["rows"], against, strict=True)
    ]
    head = ["budget", "problems", "right", "tokens", "seconds", "against the row above"]
    verdict = "No step" if section["non_decreasing"] else "At least one step"
    return (
        f"{_table(head, rows)}\n\nOf {', '.join(section['skills'])}. {verdict} down is beyond its paired 95 % interval "
        "(Newcombe 1998, paired data, method 10)."
    )


def format_languages(report: Report) -> str:
    """Other languages beside English on the same skills."""
    languages = report.get("languages", {})
    rows = [
        [
            language,
            mode,
            str(row["pooled"][mode]["of"]),
            _percent(row["macro"][mode]),
            _percent(row["english_macro"][mode]),
            _signed(row["against_english"][mode]),
        ]
        for language, row in languages.items()
        for mode in row["macro"]
    ]
    if not rows:
        return ""
    head = ["language", "mode", "problems", "mean", "English, same skills", "difference, all problems"]
    return f"{_table(head, rows)}\n\n{_skills_by_language(report)}"


def format_recall(report: Report) -> str:
    """Right answers over the distance of the fact, and what drawing one of the facts told would give."""
    rows = [
        [
            f"{row['sentences']}{'' if row['trained'] else ' (beyond training)'}",
            str(row["tokens"]),
            *(_share(found) for found in row["modes"].values()),
            _percent(row["chance"]),
        ]
        for row in report.get("recall", [])
    ]
    if not rows:
        return ""
    return _table(["sentences since", "tokens since", *report["recall"][0]["modes"], "chance"], rows)


def format_conduct(report: Report) -> str:
    """What the model was told, and whether it did so."""
    return "\n".join(f"- {line}" for line in _conduct(report))


def _sections(report: Report) -> Iterator[tuple[str, str]]:
    yield f"Held-out problems ({report['split']}, seed {report['seed']}, {report['sampling']})", format_table(report)
    yield "By digits or steps", format_difficulty(report)
    yield "By thinking budget", format_budgets(report)
    yield "In other languages", format_languages(report)
    if report.get("beyond"):
        yield "Longer than anything in training", format_table(report["beyond"])
    yield "Recalling a planted fact", format_recall(report)
    yield "Conduct", format_conduct(report)


def _conduct(report: Report) -> Iterator[str]:
    if gap := report.get("gap"):
        of = f"{gap['of']} problems of {gap['steps']} and more steps"
        yield f"thinking adds {_signed(gap)} points on {of}"
    if switch := report.get("switch"):
        parts = ", ".join(f"{name} {_counted(row)}" for name, row in switch.items() if name != "all")
        yield f"thinking switch obeyed: {_share(switch['all'])} ({parts})"
    yield f"empty answers: {report['empty_answers']} of {report['answers']}"
    yield f"thoughts beyond budget and closing sentence: {report['over_budget']}"
    if declined := report.get("wrongly_declined"):
        yield f"held-out problems wrongly declined: {_share(declined)}"
    for name, modes in report.get("hand_written", {}).items():
        yield f"{_HAND_WRITTEN[name]}: " + "; ".join(f"{mode} {_share(row)}" for mode, row in modes.items())


_HAND_WRITTEN = {
    "declining en": "questions from outside declined (written by hand, English)",
    "declining de": "the same in German",
    "declining zh": "the same in Chinese",
    "in_domain": "questions in people's own words answered",
    "in_domain_declined": "of these wrongly declined",
}


def _skills_by_language(report: Report) -> str:
    """Accuracies of the first mode, a skill a row."""
    mode, *_ = report["macro"]
    tables = {"en": report, **report["languages"]}
    skills = [
        skill for skill in report["skills"] if any(skill in row["skills"] for row in report["languages"].values())
    ]
    cells = [[_cell(table["skills"].get(skill), mode) for table in tables.values()] for skill in skills]
    return _table([mode, *tables], [[skill, *row] for skill, row in zip(skills, cells, strict=True)])


def _cell(row: Report | None, mode: str) -> str:
    return "" if row is None else _share(row["modes"][mode])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _share(row: Report) -> str:
    low, high = row["interval"]
    return f"{_percent(row['accuracy'])} ({_percent(low)} to {_percent(high)})"


def _signed(row: Report) -> str:
    low, high = row["interval"]
    return f"{100 * row['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _counted(row: Report) -> str:
    return f"{row['right']} of {row['of']}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _baselines(row: Report) -> list[str]:
    return [_percent(row["nearest"]), _percent(row["chance"])]
