"""What the notes of skill `recall` say: the names, the facts with their questions, and sentences that say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import listed

NAMES = listed(
    "Anna | Ben | Clara | David | Emma | Felix | Greta | Hugo | Ida | Jonas | Kira | Leo | Mia | Noah | Olga | Paul | "
    "Rosa | Sam | Tara | Uwe | Vera | Will | Yara | Zoe | Adam | Bella | Carl | Dora | Eric | Fiona | George | Hanna | "
    "Ivan | Julia | Kevin | Laura | Mark | Nina | Oscar | Petra | Quinn | Ralf | Sofia | Tom | Ulla | Victor | Wanda | "
    "Simon | Alice | Boris | Cora | Dennis | Elsa | Frank | Gina | Henry | Irma | Jakob | Karen | Luis"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fact. {n}: whose, {v}: what. `values` empty: a number of four digits."""

    told: tuple[str, ...]
    asked: tuple[str, ...]
    reply: str
    values: tuple[str, ...] = ()

    def draw(self, random: Random) -> str:
        return random.choice(self.values) if self.values else str(random.randrange(1000, 10_000))


KINDS = {
    "number": Kind(
        told=listed("{n}'s number is {v}. | The number of {n} is {v}. | {n} has the number {v}."),
        asked=listed(
            "What is {n}'s number? | What is the number of {n}? | Which number does {n} have? | "
            "Tell me {n}'s number. | What number does {n} have? | {n}'s number?"
        ),
        reply="{n}'s number is {v}.",
    ),
    "town": Kind(
        told=listed("{n} lives in {v}. | {n}'s town is {v}. | {n} has a home in {v}."),
        asked=listed(
            "Where does {n} live? | In which town does {n} live? | Which town does {n} live in? | "
            "What is {n}'s town? | Tell me {n}'s town."
        ),
        reply="{n} lives in {v}.",
        values=listed(
            "Berlin | Rome | Paris | London | Madrid | Vienna | Oslo | Prague | Bern | Athens | Dublin | Lisbon | "
            "Warsaw | Cairo | Tokyo | Lima | Delhi | Seoul | Boston | Toronto | Sydney | Milan | Hamburg | Lyon"
        ),
    ),
    "colour": Kind(
        told=listed("{n}'s colour is {v}. | {n} likes the colour {v}. | The colour of {n} is {v}."),
        asked=listed(
            "What is {n}'s colour? | Which colour does {n} like? | What colour does {n} like? | Tell me {n}'s colour."
        ),
        reply="{n}'s colour is {v}.",
        values=listed("red | blue | green | yellow | black | white | brown | pink | grey | orange | purple | gold"),
    ),
}
FILLERS = listed(
    "The {w} was {a} {d}. | There is a {a} {w} in the {p}. | We saw the {w} near the {p}. | The {p} is {a} {d}. | "
    "It rained in the {p} {d}. | A {w} stood by the {p}. | Nobody saw the {w} {d}. | The {w} is not in the {p}. | "
    "They went to the {p} {d}. | The {a} {w} belongs to the {p}. | The {p} has a {a} {w}. | The {p} opens {d}."
)
FILLING = {
    "w": listed("dog | cat | car | bus | tree | chair | table | lamp | book | bird | horse | boat | clock | box | bag"),
    "a": listed("old | new | small | big | slow | quiet | clean | heavy | round | broken | warm | cold"),
    "d": listed("today | in the morning | in the evening | last week | on Monday | on Friday | in June | at noon"),
    "p": listed("park | school | garden | market | kitchen | station | library | street | house | shop | forest"),
}
OPENINGS = listed(
    "Read this. | Here are some notes. | Please read these notes. | Notes: | Remember this. | Keep this in mind."
)
GOING_ON = listed("Some more notes. | More: | And this. | Here is more. | Next notes. | Also:")
NOTED = listed("Noted. | Noted. | Noted. | I have read it. | Understood.")


def filler(random: Random) -> str:
    return random.choice(FILLERS).format(**{key: random.choice(words) for key, words in FILLING.items()})
