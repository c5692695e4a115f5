"""Records that texts tell of: their subject, their fields, and the clauses that give each field's value.

A record is told as its subject followed by clauses; `{v}` is the value.
"""

from __future__ import annotations

from dataclasses import dataclass

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.toolbox import values
from yunqi.data.problems.toolbox.values import Draw


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A field: the keys it may have, its values and its clauses."""

    keys: tuple[str, ...]
    draw: Draw
    clauses: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A kind of record. The clauses of its first entry open the text; `joins` stand between the others."""

    noun: str
    joins: tuple[str, ...]
    entries: tuple[Entry, ...]


def _entry(keys: str, draw: Draw, clauses: str) -> Entry:
    return Entry(keys=listed(keys), draw=draw, clauses=listed(clauses))


def _record(noun: str, joins: tuple[str, ...], *entries: Entry) -> Record:
    return Record(noun=noun, joins=joins, entries=entries)


_VERBS, _PIECES = (" and ", ", "), (" ", " ", ", ")
_WEEKDAY, _COLOR, _JOB = (values.one_of(options) for options in (values.WEEKDAYS, values.COLORS, values.JOBS))
_COUNT, _PRICE, _NUMBER = values.whole(1, 60), values.amount, values.number_of_digits(2, 6)

RECORDS = (
    _record(
        "person",
        _VERBS,
        _entry("name | name | person", values.person, "{v} | {v} | My friend {v} | Our neighbor {v}"),
        _entry("age", values.whole(1, 99), "is {v} | is {v} years old | turned {v}"),
        _entry("city | city | home", values.city, "lives in {v} | comes from {v} | has a house in {v}"),
        _entry("job | work", _JOB, "works as a {v} | is a {v}"),
        _entry("pet", values.proper, "has a dog called {v} | has a cat named {v}"),
        _entry("height", values.whole(90, 210), "is {v} cm tall | measures {v} cm"),
        _entry("hobby | likes", values.invented, "likes {v} | loves {v} | plays {v}"),
    ),
    _record(
        "order",
        _PIECES,
        _entry("customer | name | buyer", values.person, "{v} ordered | {v} bought | An order by {v}:"),
        _entry("quantity | count", _COUNT, "{v} pieces | {v} units | a pack of {v}"),
        _entry("product | item", values.product, "of the item {v} | of product {v} | from the {v} shelf"),
        _entry("price | total", _PRICE, "for {v} dollars | for ${v} | at a price of {v}"),
        _entry("city | destination", values.city, "to be sent to {v} | shipped to {v}"),
        _entry("color", _COLOR, "in {v} | colored {v}"),
        _entry("order_id | id", _NUMBER, "with order number {v} | under id {v}"),
    ),
    _record(
        "meeting",
        _PIECES,
        _entry("topic | title", values.title, "The meeting {v} | The {v} meeting | A meeting about {v}"),
        _entry("day | weekday", _WEEKDAY, "is on {v} | on {v} | next {v}"),
        _entry("time | start", values.time, "at {v} | starting at {v} | from {v}"),
        _entry("room", values.code, "in room {v} | takes room {v}"),
        _entry("host | leader", values.person, "with {v} as host | led by {v} | hosted by {v}"),
        _entry("minutes | duration", values.whole(5, 180), "for {v} minutes | lasting {v} minutes"),
    ),
    _record(
        "product",
        _VERBS,
        _entry("name | product", values.product, "The {v} | The new {v} | Our {v}"),
        _entry("price", _PRICE, "costs {v} dollars | costs ${v} | is sold for {v} euros"),
        _entry("color", _COLOR, "is {v} | comes in {v}"),
        _entry("brand | maker", values.proper, "is made by {v} | comes from {v}"),
        _entry("weight", values.amount, "weighs {v} kg | weighs {v} grams"),
        _entry("stock", _NUMBER, "has {v} pieces in stock | is in stock {v} times"),
        _entry("code", values.code, "has the code {v} | is listed as {v}"),
    ),
    _record(
        "flight",
        _PIECES,
        _entry("flight | number", values.code, "Flight {v} | The flight {v}"),
        _entry("from | origin", values.city, "from {v} | leaving {v} | starting in {v}"),
        _entry("to | destination", values.city, "to {v} | landing in {v} | bound for {v}"),
        _entry("time | departure", values.time, "at {v} | departing at {v}"),
        _entry("gate", values.code, "from gate {v} | gate {v}"),
        _entry("price", _PRICE, "for {v} dollars | costing {v} euros"),
    ),
    _record(
        "book",
        _VERBS,
        _entry("title | book", values.title, "The book {v} | The novel {v} | {v}"),
        _entry("author | writer", values.full_name, "was written by {v} | is by {v}"),
        _entry("year", values.whole(1850, 2030), "came out in {v} | is from {v} | appeared in {v}"),
        _entry("pages", values.whole(40, 990), "has {v} pages | is {v} pages long"),
        _entry("price", _PRICE, "costs {v} dollars | sells for ${v}"),
        _entry("publisher", values.proper, "is published by {v} | was printed by {v}"),
    ),
    _record(
        "contact",
        _PIECES,
        _entry("name | contact", values.full_name, "Contact {v} | You can reach {v} | Write to {v}"),
        _entry("email | mail", values.email, "at {v} | by mail to {v} | under {v}"),
        _entry("phone", values.phone, "by phone {v} | call {v} | phone number {v}"),
        _entry("company", values.proper, "at the company {v} | from {v}"),
        _entry("city", values.city, "in {v} | with an office in {v}"),
        _entry("job | role", _JOB, "working as {v} | who is a {v}"),
    ),
    _record(
        "event",
        _VERBS,
        _entry("event | name", values.title, "The festival {v} | The event {v} | The {v} party"),
        _entry("date | day", values.day, "is on {v} | takes place on {v}"),
        _entry("city | place", values.city, "is held in {v} | happens in {v}"),
        _entry("guests | visitors", _NUMBER, "expects {v} guests | has {v} visitors"),
        _entry("price | ticket", _PRICE, "costs {v} euros | has tickets for ${v}"),
        _entry("time | start", values.time, "starts at {v} | begins at {v}"),
    ),
    _record(
        "payment",
        _PIECES,
        _entry("sender | from | payer", values.person, "{v} paid | {v} sent | A payment by {v}"),
        _entry("amount | sum", _PRICE, "{v} euros | {v} dollars | ${v}"),
        _entry("receiver | to", values.person, "to {v} | in favor of {v}"),
        _entry("date", values.date, "on {v} | dated {v}"),
        _entry("invoice | reference", values.code, "for invoice {v} | with reference {v}"),
        _entry("bank", values.proper, "through the bank {v} | using the bank {v}"),
    ),
    _record(
        "ingredient",
        _PIECES,
        _entry("ingredient | name", values.product, "Add {v} | Use {v} | Take {v}"),
        _entry("amount | grams", values.whole(5, 900), "in the amount of {v} grams | {v} g"),
        _entry("step", values.whole(1, 12), "in step {v} | as step {v}"),
        _entry("bowl | pot", values.invented, "to the {v} bowl | into the {v} pot"),
        _entry("minutes", values.whole(1, 90), "and stir for {v} minutes | and cook for {v} minutes"),
        _entry("temperature", values.whole(40, 260), "at {v} degrees | heated to {v} degrees"),
    ),
    _record(
        "weather",
        _VERBS,
        _entry("city | place", values.city, "The city of {v} | {v} | {v} today"),
        _entry("temperature | degrees", values.whole(-20, 42), "has {v} degrees | reports {v} degrees"),
        _entry("condition | sky", values.one_of(values.CONDITIONS), "is {v} | will be {v}"),
        _entry("humidity", values.whole(10, 99), "has {v} percent humidity | has a humidity of {v}"),
        _entry("wind", values.whole(1, 120), "has wind at {v} km/h | has a wind of {v}"),
        _entry("rain", values.amount, "had {v} mm of rain | got {v} mm of rain"),
    ),
    _record(
        "match",
        _PIECES,
        _entry("home | winner | team", values.proper, "{v} won | The team {v} played | {v} scored a win"),
        _entry("guest | opponent | away", values.proper, "against {v} | over {v}"),
        _entry("points | goals", values.whole(1, 120), "with {v} points | with {v} goals"),
        _entry("city | place", values.city, "in {v} | at home in {v}"),
        _entry("date | day", values.day, "on {v} | played on {v}"),
        _entry("fans | viewers", _NUMBER, "before {v} fans | watched by {v} people"),
    ),
    _record(
        "house",
        _VERBS,
        _entry("street | address", values.proper, "The house in {v} Street | The flat in {v} Street"),
        _entry("rooms", values.whole(1, 12), "has {v} rooms | offers {v} rooms"),
        _entry("area | size", values.whole(20, 400), "has {v} square meters | measures {v} square meters"),
        _entry("rent | price", _NUMBER, "costs {v} a month | is rented for {v} euros"),
        _entry("city", values.city, "is in {v} | lies in {v}"),
        _entry("owner", values.person, "belongs to {v} | is owned by {v}"),
    ),
    _record(
        "car",
        _VERBS,
        _entry("model | car", values.proper, "The car {v} | The {v} | A used {v}"),
        _entry("year", values.whole(1970, 2030), "is from {v} | was built in {v}"),
        _entry("color", _COLOR, "is {v} | was painted {v}"),
        _entry("price", _NUMBER, "costs {v} dollars | is offered for ${v}"),
        _entry("plate", values.code, "has the plate {v} | carries the plate {v}"),
        _entry("seller | owner", values.person, "is sold by {v} | belongs to {v}"),
    ),
    _record(
        "booking",
        _PIECES,
        _entry("guest | name", values.full_name, "{v} booked | A booking for {v} | Room for {v}"),
        _entry("hotel", values.proper, "at the {v} Hotel | in Hotel {v}"),
        _entry("nights", values.whole(1, 30), "for {v} nights | staying {v} nights"),
        _entry("date | arrival", values.date, "from {v} | arriving {v}"),
        _entry("people | persons", values.whole(1, 9), "with {v} people | for {v} people"),
        _entry("room", values.whole(1, 900), "in room {v} | room number {v}"),
    ),
)
