"""What a plot yields, and the people and things every plot may use."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.working import Working

FEMALE = listed(
    "Mia | Anna | Lea | Emma | Sara | Nina | Julia | Clara | Lily | Zoe | Ruth | Maya | Olga | Priya | Aiko | "
    "Fatima | Elena | Grace | Ivy | Rosa | Lin | Amara | Hana | Tara | Vera | Nora | Carla | Molly | Jane | Alice | "
    "Susan | Wei"
)
MALE = listed(
    "Tom | Ben | Max | Paul | Leo | Sam | Tim | Jack | Omar | Ivan | Raj | Kenji | Felix | Hugo | Noah | Oscar | "
    "Adam | Luis | David | Karim | Peter | Finn | Hans | Milo | Ravi | Juan | Mark | Ali | John | Bob | Erik | Jun"
)

THINGS = (
    ("apple", "apples"),
    ("pear", "pears"),
    ("orange", "oranges"),
    ("cookie", "cookies"),
    ("candy", "candies"),
    ("marble", "marbles"),
    ("sticker", "stickers"),
    ("card", "cards"),
    ("coin", "coins"),
    ("stamp", "stamps"),
    ("shell", "shells"),
    ("stone", "stones"),
    ("book", "books"),
    ("pencil", "pencils"),
    ("pen", "pens"),
    ("balloon", "balloons"),
    ("button", "buttons"),
    ("flower", "flowers"),
    ("egg", "eggs"),
    ("toy", "toys"),
    ("ball", "balls"),
    ("cup", "cups"),
    ("nut", "nuts"),
    ("lemon", "lemons"),
    ("muffin", "muffins"),
    ("photo", "photos"),
    ("key", "keys"),
    ("bottle", "bottles"),
)
# Who has what.
ROLES = tuple(
    tuple(words.split("/"))
    for words in listed(
        "farmer/cows/sheep/eggs/apples/hens/goats | teacher/books/pencils/pens/markers/stickers "
        "| baker/cakes/rolls/muffins"
        "| boy/marbles/toys/cards/balls | girl/beads/stickers/shells/flowers "
        "| student/books/pens/notes | gardener/flowers/trees/roses | man/tools/coins/keys"
        "| woman/plates/cups/eggs | child/toys/balloons/candies | cook/eggs/lemons/potatoes"
    )
)
EDIBLE = frozenset({"apples", "pears", "oranges", "cookies", "candies", "eggs", "nuts", "lemons", "muffins"})
HOLDERS = (
    ("bag", "bags"),
    ("box", "boxes"),
    ("basket", "baskets"),
    ("pack", "packs"),
    ("jar", "jars"),
    ("drawer", "drawers"),
    ("crate", "crates"),
    ("bowl", "bowls"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name with its pronouns."""

    name: str
    they: str
    their: str
    them: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A told problem.

    `canonical` holds the plot and its numbers in order. `in_range` is False where a number on the way left the range,
    so that the plot has to be drawn again.
    """

    canonical: str
    sentences: tuple[str, ...]
    question: str
    working: Working
    answer: int
    reply: str
    steps: int
    in_range: bool = True


def person(random: Random) -> Person:
    if random.random() < 0.5:
        return Person(random.choice(FEMALE), "she", "her", "her")
    return Person(random.choice(MALE), "he", "his", "him")


def people(random: Random, count: int) -> list[Person]:
    """Different people."""
    found: dict[str, Person] = {}
    while len(found) < count:
        someone = person(random)
        found.setdefault(someone.name, someone)
    return list(found.values())


def small(random: Random) -> int:
    """A number for one small step."""
    return random.randrange(2, 10) if random.random() < 0.45 else random.randrange(10, 40)


def counted(number: int, thing: tuple[str, str]) -> str:
    """5 apples, 1 apple."""
    return f"{number} {thing[0] if number == 1 else thing[1]}"
