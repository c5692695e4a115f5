"""Skill `extraction`: two to four values of a text as a JSON object (beyond: five or six); what it lacks is null."""

from __future__ import annotations

import json
from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.toolbox.records import RECORDS, Entry, Record
from yunqi.data.problems.toolbox.values import Value, written

SKILL = "extraction"
FIELDS, FIELDS_BEYOND = (2, 3, 3, 4), (5, 6)
MISSING_SHARE = 0.15
SPARE_SHARE = 0.35
NOTES_SHARE = 0.3

# {k}: the keys as a list, {q}: in quotation marks, {t}: a template, {r}: the kind of record.
INSTRUCTIONS = listed(
    "Extract {k} as JSON | Extract {k} from the text as JSON | Turn this into JSON with the keys {k} | "
    "Give me {k} as JSON | Return JSON with {k} | Find {k} and answer in JSON | "
    "Convert to JSON with the fields {k} | JSON with keys {k} | Fill in {t} | Use this template: {t} | "
    "Fill this JSON: {t} | Return an object like {t} | Extract the fields {q} as JSON | "
    "Write a JSON object with {k} | Parse the {r} into JSON with {k} | Read the {r} and return {k} as JSON | "
    "Make JSON from this {r}, keys {k} | I need {k} as JSON | Please extract {k} as JSON | "
    "Can you extract {k} as JSON | Output only JSON with {k} | Answer with JSON, keys {q} | "
    "Pull out {k} in JSON format | Which {k}? Answer as JSON | Get the {r} as JSON with keys {k} | "
    "Create JSON ({k}) | List {k} as a JSON object | Complete the JSON {t} | "
    "Extract this {r} as JSON with the keys {q} | To JSON with {k} | Structured data please: {k} | Extract JSON {t}"
)
AFTERWARDS = listed(
    "Extract {k} as JSON. | Give me {k} as JSON. | Turn this into JSON with the keys {k}. | Return {k} as JSON. | "
    "What are {k}? Answer in JSON. | Fill in {t} | JSON with keys {k}, please. | Write that as JSON with {k}. | "
    "Convert this to JSON with the fields {q}. | Make it JSON: {k} | Use the template {t}"
)
LAYOUTS = ("{i}: {x}", "{i}: {x}", "{i}: {x}", "{i}:\n{x}", "{i}.\n{x}", "{i}. {x}", "{i}.\nText: {x}", '{i}: "{x}"')
# How a form shows a value, and what stands between two of them.
FORMS = (("{k}: {v}", ", "), ("{k}: {v}", "\n"), ("{k} {v}", ", "), ("{k} = {v}", "; "), ("{k} {v}", "; "))

Values = dict[tuple[str, ...], Value]


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    record = random.choice(RECORDS)
    asked, told = _chosen(random, record, random.choice(FIELDS_BEYOND if beyond else FIELDS))
    values = {entry.keys: entry.draw(random) for entry in told}
    keys = _keys(random, asked)
    found = {key: values.get(entry.keys) for key, entry in zip(keys, asked, strict=True)}
    if random.random() < NOTES_SHARE:
        text = _notes(random, told, values, dict(zip(asked, keys, strict=True)))
    else:
        text = _sentence(random, record, told, values)
    return Problem(
        skill=SKILL,
        difficulty=len(found),
        question=_question(random, record, keys, found, text),
        canonical=f"json:{json.dumps(found, sort_keys=True, ensure_ascii=False)}",
        answer="",
        thought=", ".join(f'"{key}": {written(value)}' for key, value in found.items()),
        reply=json.dumps(found, ensure_ascii=False),
        beyond=beyond,
    )


def _chosen(random: Random, record: Record, count: int) -> tuple[list[Entry], list[Entry]]:
    """The entries that are asked for, and those that the text tells: always its subject, and sometimes one too many."""
    subject, *others = record.entries
    asked = random.sample(record.entries, count)
    told = [entry for entry in asked if entry is not subject]
    if len(told) > 1 and random.random() < MISSING_SHARE:
        told.remove(random.choice(told))
    spare = [entry for entry in others if entry not in asked]
    if not told or (spare and random.random() < SPARE_SHARE):
        told.append(random.choice(spare or others))
    if random.random() < 0.6:
        asked.sort(key=record.entries.index)
        told.sort(key=record.entries.index)
    return asked, [subject, *told]


def _keys(random: Random, asked: list[Entry]) -> list[str]:
    """One key for each entry, no two the same."""
    keys = [random.choice(entry.keys) for entry in asked]
    return keys if len(set(keys)) == len(keys) else _keys(random, asked)


def _sentence(random: Random, record: Record, told: list[Entry], values: Values) -> str:
    opening, *clauses = (random.choice(entry.clauses).format(v=values[entry.keys]) for entry in told)
    join = random.choice(record.joins)
    last = " and " if " and " in record.joins else join
    return f"{opening} {join.join(clauses[:-1])}{last if len(clauses) > 1 else ''}{clauses[-1]}."


def _notes(random: Random, told: list[Entry], values: Values, keys: dict[Entry, str]) -> str:
    """The record as a form: each value after its name."""
    form, join = random.choice(FORMS)
    told = random.sample(told, len(told)) if random.random() < 0.4 else told
    text = join.join(form.format(k=keys.get(entry, entry.keys[0]), v=values[entry.keys]) for entry in told)
    return text[0].upper() + text[1:]


def _question(random: Random, record: Record, keys: list[str], found: dict[str, Value | None], text: str) -> str:
    parts = {"k": _listed(random, keys), "q": ", ".join(f'"{key}"' for key in keys), "r": record.noun}
    parts["t"] = json.dumps(dict.fromkeys(keys, random.choice(("", "...", None))))
    if random.random() < 0.2:
        return f"{text}{random.choice((' ', chr(10)))}{random.choice(AFTERWARDS).format(**parts)}"
    instruction = random.choice(INSTRUCTIONS).format(**parts)
    if random.random() < 0.15:
        instruction = instruction[0].lower() + instruction[1:] if instruction[1].islower() else instruction
    return random.choice(LAYOUTS).format(i=instruction, x=text)


def _listed(random: Random, keys: list[str]) -> str:
    """The keys in words: a, b and c."""
    last = random.choice((" and ", " and ", ", "))
    return ", ".join(keys[:-1]) + last + keys[-1]
