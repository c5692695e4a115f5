"""Short English texts to summarise, correct or ask about, put together from sentences of any words."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined

SENTENCE = lined("""
The {qualities} {animal} saw a {made_things} near the {nature}.
{names} wanted to {verbs} a {made_things}, but it was too {qualities}.
{names} is a {jobs} from {cities}.
Last {weekday} {names} met a {qualities} {jobs}.
The {jobs} did not like {foods}.
In {countries} many {plurals} are {qualities}.
{fields} has changed the world since {year}.
They said that {plurals} {doings}.
It was a {qualities} day and the {nature} was {qualities}.
The hotel was {qualities} and the {made_things} did not work.
I bought this {made_things} and it is very {qualities}.
{names} told {names} about {ideas}.
he go to the {made_things} and see a {animal}
There are {small} {plurals} in the town of {Invented}.
""")
WEEKDAYS = ("Monday", "Tuesday", "Friday", "Sunday", "week", "night", "year")
PASSAGE = ("{sentence}", "{sentence} {sentence}", "{sentence} {sentence}", "{sentence} {sentence} {sentence}")
PASSAGES: Mapping[str, tuple[str, ...]] = {"sentence": SENTENCE, "passage": PASSAGE, "weekday": WEEKDAYS}
