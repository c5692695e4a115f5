"""Parameters of tools: their names, how their values are drawn and how a request mentions them.

In phrases `{v}` is the value and `{n}` the name as spoken; `^` marks one that follows the noun directly. A parameter's
`fresh` names never stand in training: they show whether a name unknown so far is understood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.toolbox import values
from yunqi.data.problems.toolbox.values import Draw

Type = Literal["string", "integer", "number", "boolean"]

# How any parameter can be mentioned by its name.
BY_NAME = listed(
    "with {n} {v} | with the {n} {v} | {n} {v} | using {n} {v} | with {v} as the {n} | with {v} as {n} | "
    "whose {n} is {v} | where the {n} is {v} | {n}: {v} | and set the {n} to {v} | with {n} = {v} | "
    "with {n} set to {v} | the {n} is {v} | the {n} should be {v} | with a {n} of {v}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A sort of parameter. `options` holds the words an enumeration is drawn from."""

    type: Type
    names: tuple[str, ...]
    fresh: tuple[str, ...]
    phrases: tuple[str, ...]
    draw: Draw = values.word
    options: tuple[str, ...] = ()
    quoted: bool = False


def _kind(type_: Type, names: str, phrases: str, draw: Draw = values.word, *, quoted: bool = False) -> Kind:
    """A row of the table; in `names` the fresh ones stand after a stroke."""
    known, _, fresh = names.partition("/")
    fresh_names = listed(fresh) if fresh else ()
    return Kind(type=type_, names=listed(known), fresh=fresh_names, phrases=listed(phrases), draw=draw, quoted=quoted)


def _choice(names: str, phrases: str, options: str) -> Kind:
    return replace(_kind("string", names, phrases), options=listed(options))


_SMALL, _LARGE = values.whole(1, 20), values.number_of_digits(1, 5)

KINDS = (
    _kind(
        "string",
        "city | town | location | place / destination city",
        "in {v} | in {v} | at {v} | near {v}",
        values.city,
    ),
    _kind(
        "string", "name | title | label / full name", "named {v} | called {v} | with the name {v} | ^{v}", values.word
    ),
    _kind(
        "string", "person | owner | contact | user / colleague", "for {v} | with {v} | belonging to {v}", values.person
    ),
    _kind("string", "recipient | receiver | to / addressee", "to {v} | addressed to {v} | for {v}", values.person),
    _kind("string", "sender | author | creator / writer", "from {v} | by {v} | made by {v}", values.person),
    _kind("string", "customer | client | guest / visitor", "for {n} {v} | for {v} | for the {n} {v}", values.full_name),
    _kind("string", "origin | start | source / departure", "from {v} | starting in {v} | starting at {v}", values.city),
    _kind("string", "destination | target | end / goal", "to {v} | going to {v} | ending in {v}", values.city),
    _kind("string", "time | start time | hour / begin time", "at {v} | for {v} | at {v} o'clock", values.time),
    _kind("string", "end time | deadline / closing time", "until {v} | before {v} | by {v}", values.time),
    _kind("string", "date | day | start date / event date", "on {v} | for {v} | on the {n} {v}", values.date),
    _kind("string", "end date | due date / last day", "until {v} | due {v} | by {v}", values.date),
    _kind("string", "weekday / day of week", "on {v} | next {v} | this {v} | for {v}", values.one_of(values.WEEKDAYS)),
    _kind("string", "month / billing month", "in {v} | for {v} | of {v}", values.one_of(values.MONTHS)),
    _kind(
        "string",
        "title | subject | headline / caption",
        "titled {v} | with the {n} {v} | ^{v}",
        values.title,
        quoted=True,
    ),
    _kind(
        "string",
        "text | content | message / body",
        "saying {v} | that says {v} | with the {n} {v}",
        values.title,
        quoted=True,
    ),
    _kind("string", "query | keyword | term / phrase", "about {v} | matching {v} | containing {v}", values.word),
    _kind("string", "topic | theme / matter", "about {v} | on the {n} {v} | on {v}", values.word),
    _kind("string", "email | email address / mail", "to {v} | for {v} | with {v}", values.email),
    _kind("string", "phone | phone number / mobile", "for {v} | with {n} {v}", values.phone),
    _kind("string", "code | reference | serial / tracking code", "with {n} {v} | ^{v} | under {v}", values.code),
    _kind("string", "brand | company | shop / vendor", "from {v} | by {v} | at {v}", values.brand),
    _kind("string", "product | item | article / goods", "for {v} | with {v} | of type {v}", values.product),
    _kind(
        "string", "folder | path | directory / location path", "in {n} {v} | to {n} {v} | from {n} {v}", values.invented
    ),
    _kind("string", "tag | category | group / tag name", "tagged {v} | in {n} {v} | with {n} {v}", values.invented),
    _kind(
        "string",
        "street | address / street name",
        "at {v} | on {v}",
        lambda r: f"{values.digits(r, 1, 3)} {values.proper(r)} Street",
    ),
    _kind(
        "integer", "people | guests | persons / visitors", "for {v} {n} | for {v} {n} | for {v} | with {v} {n}", _SMALL
    ),
    _kind("integer", "count | quantity | number / copies", "{v} times | with {v} pieces | {v} of them", _LARGE),
    _kind(
        "integer",
        "id | number | order id / record id",
        "^{v} | with id {v} | ^number {v} | ^#{v}",
        values.number_of_digits(1, 6),
    ),
    _kind(
        "integer",
        "minutes | duration / length in minutes",
        "for {v} minutes | lasting {v} minutes",
        values.whole(1, 240),
    ),
    _kind("integer", "hours / total hours", "for {v} hours | lasting {v} hours", values.whole(1, 48)),
    _kind("integer", "days | nights / total days", "for {v} {n} | lasting {v} {n}", values.whole(1, 60)),
    _kind("integer", "year / model year", "from {v} | of {v} | for the year {v}", values.whole(1900, 2040)),
    _kind("integer", "age / minimum age", "aged {v} | who is {v} years old | of age {v}", values.whole(1, 99)),
    _kind("integer", "limit | maximum / top", "up to {v} | at most {v} | not more than {v}", _LARGE),
    _kind("integer", "minimum / lower bound", "at least {v} | not less than {v}", _LARGE),
    _kind("integer", "page | page number / sheet", "on page {v} | page {v}", values.whole(1, 500)),
    _kind("integer", "floor | level / storey", "on {n} {v} | at {n} {v}", values.whole(1, 40)),
    _kind("integer", "room | room number / chamber", "in room {v} | for room {v}", values.whole(1, 900)),
    _kind("integer", "volume | brightness | speed / power", "at {n} {v} | with {n} {v} | to {v}", values.whole(1, 100)),
    _kind(
        "integer",
        "percent | discount / share",
        "by {v} percent | with {v} percent | {v}% | by {v}%",
        values.whole(1, 100),
    ),
    _kind(
        "integer", "stars | rating | score / points", "with {v} {n} | {n} {v} | with {v} points", values.whole(1, 100)
    ),
    _kind("integer", "line | position | row / slot", "at {n} {v} | in {n} {v} | on {n} {v}", values.whole(1, 300)),
    _kind("number", "price | cost | budget / fare", "for {v} dollars | for ${v} | at a {n} of {v}", values.amount),
    _kind("number", "amount | sum | total / money", "of {v} euros | over {v} dollars | of {v}", values.amount),
    _kind("number", "weight / mass", "weighing {v} kg | of {v} kg | with {v} kg", values.amount),
    _kind(
        "number", "length | distance | width / range", "of {v} meters | {v} meters long | over {v} km", values.amount
    ),
    _kind("number", "temperature | heat / warmth", "at {v} degrees | to {v} degrees", values.amount),
    _kind("number", "factor | rate | ratio / scale", "by {v} | with {n} {v} | at {n} {v}", values.decimal),
    _kind("number", "latitude | longitude | x | y / depth", "at {n} {v} | with {n} {v}", values.decimal),
    _choice("color | colour / paint", "in {v} | to {v} | colored {v}", " | ".join(values.COLORS)),
    _choice("size / format size", "in size {v} | of size {v} | in {v}", "small | medium | large | tiny | huge"),
    _choice(
        "priority | urgency / importance", "with {v} {n} | as {v} {n} | with {v} {n}", "low | normal | high | urgent"
    ),
    _choice("format | file type / output", "as {v} | in {v} format | to {v}", "pdf | csv | txt | png | html | json"),
    _choice(
        "language / target language",
        "in {v} | into {v} | to {v}",
        "English | German | French | Spanish | Chinese | Italian",
    ),
    _choice(
        "mode | setting / profile",
        "in {v} mode | in {n} {v} | with {v} mode",
        "fast | slow | quiet | eco | auto | manual",
    ),
    _choice("unit | units / measure", "in {v}", "celsius | fahrenheit | meters | miles | grams | pounds"),
    _choice(
        "status | state / phase",
        "as {v} | that are {v} | with {n} {v}",
        "open | done | new | paid | late | ready | closed",
    ),
    _choice("currency / coin", "in {v} | paid in {v}", "EUR | USD | GBP | JPY | CHF"),
    _choice(
        "payment | payment method / pay by", "by {v} | paid by {v} | paying by {v}", "card | cash | transfer | check"
    ),
    _kind("boolean", "breakfast | parking | insurance | delivery / lunch", "with {n} | without {n}"),
    _kind("boolean", "music | sound | light | sugar / steam", "with {n} | without {n}"),
    _kind("boolean", "backup | password | gift wrap | receipt / logo", "with {n} | without {n}"),
)
FRESH = frozenset(name for kind in KINDS for name in kind.fresh)
YES_PHRASES = listed("with {n} | with {n} | including {n} | plus {n} | {n}: yes | {n} on")
NO_PHRASES = listed("without {n} | without {n} | with no {n} | but no {n} | {n}: no | {n} off")


def draw_kinds(random: Random, count: int, *, fresh: bool) -> list[Kind]:
    """Different kinds; with `fresh` the first of them has a name that training never meets."""
    chosen = random.sample(KINDS, count)
    if fresh and chosen and not chosen[0].fresh:
        return draw_kinds(random, count, fresh=fresh)
    return chosen
