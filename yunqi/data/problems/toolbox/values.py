"""Values to copy: names, places, invented words, numbers, times, dates, codes and short titles.

No value holds a bar, a quotation mark or a mark at its end, so that it can stand anywhere in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from yunqi.data.problems.phrasing import listed

Value = str | int | float | bool
Draw = Callable[[Random], Value]

PEOPLE = listed(
    "Anna | Ben | Carla | David | Emma | Felix | Grace | Henry | Ida | Jack | Kate | Leo | Maria | Noah | Olga | "
    "Paul | Rita | Sam | Tina | Victor | Wendy | Yusuf | Zoe | Alice | Bob | Chen | Dora | Erik | Fatima | George | "
    "Hanna | Ivan | Julia | Kevin | Laura | Mike | Nina | Oscar | Peter | Rosa | Simon | Tom | Uma | Vera | Walter | "
    "Lin | Amir | Sofia | Lucas | Mei | Omar | Priya | Diego | Aisha | John | Mary | Linda | James | Sarah | Daniel"
)
FAMILIES = listed(
    "Smith | Brown | Lopez | Weber | Rossi | Tanaka | Novak | Green | Silva | Khan | Wang | Miller | Jones | Park | "
    "Moreau | Berg | Costa | Fischer | Young | King | Baker | Stone | Hall | Wood"
)
CITIES = listed(
    "Rome | Paris | London | Berlin | Lisbon | Madrid | Oslo | Vienna | Prague | Athens | Dublin | Tokyo | Beijing | "
    "Delhi | Cairo | Nairobi | Lima | Boston | Chicago | Denver | Toronto | Sydney | Bern | Milan | Munich | "
    "Hamburg | Porto | Seville | Warsaw | Helsinki | Stockholm | Istanbul | Dubai | Mumbai | Seoul | Shanghai | "
    "Bangkok | Hanoi | Havana | Bogota | Santiago | Miami | Seattle | Austin | Dallas | New York | San Diego | "
    "Cape Town | Hong Kong | Los Angeles | Geneva | Zurich | Lyon | Nice | Leeds | York | Glasgow | Turin | Naples | "
    "Basel"
)
PRODUCTS = listed(
    "lamp | chair | phone | shirt | bottle | pen | laptop | clock | mirror | jacket | bike | carpet | camera | tent | "
    "cup | plate | knife | sofa | desk | radio | guitar | helmet | basket | candle | towel | brush | kettle | fan"
)
COLORS = listed("red | blue | green | yellow | black | white | brown | pink | orange | purple | grey | silver | gold")
JOBS = listed("nurse | teacher | baker | driver | painter | doctor | farmer | pilot | singer | lawyer | cook | judge")
MONTHS = listed(
    "January | February | March | April | May | June | July | August | September | October | November | December"
)
WEEKDAYS = listed("Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday")
CONDITIONS = listed("sunny | cloudy | rainy | windy | foggy | snowy | clear | stormy | dry | hazy | mild | overcast")
TITLE_FIRST = listed(
    "Silent | Blue | Last | Little | Golden | Lost | Open | Old | New | Secret | Long | Dark | Bright | Cold | Happy"
)
TITLE_SECOND = listed(
    "River | Garden | Summer | Road | Island | Letter | Winter | House | Night | Forest | Train | Ocean | Mountain | "
    "Dream | Budget | Plan | Window | Bridge | Song | Star"
)
CONSONANTS = listed(
    "b | c | d | f | g | h | j | k | l | m | n | p | r | s | t | v | w | x | z | br | ch | dr | kl | st | tr"
)
VOWELS = "aaaeeeiioouuy"
CODAS = ("", "", "", "", "n", "r", "l", "s", "m", "x", "t", "k", "nd", "rt")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
INVENTED_SHARE = 0.5


def invented(random: Random) -> str:
    """A word that does not exist."""
    syllables = (random.choice(CONSONANTS) + random.choice(VOWELS) for _ in range(random.choice((1, 2, 2, 3))))
    return "".join(syllables) + random.choice(CODAS)


def proper(random: Random) -> str:
    """An invented name."""
    return invented(random).capitalize()


def person(random: Random) -> str:
    if random.random() < INVENTED_SHARE:
        return proper(random)
    return random.choice(PEOPLE)


def full_name(random: Random) -> str:
    family = proper(random) if random.random() < INVENTED_SHARE else random.choice(FAMILIES)
    return f"{person(random)} {family}"


def city(random: Random) -> str:
    return proper(random) if random.random() < INVENTED_SHARE else random.choice(CITIES)


def word(random: Random) -> str:
    """An invented word, a thing or a name."""
    return random.choice((invented, invented, proper, product))(random)


def product(random: Random) -> str:
    return invented(random) if random.random() < INVENTED_SHARE * 0.6 else random.choice(PRODUCTS)


def brand(random: Random) -> str:
    """A company or a place with an invented name."""
    tail = random.choice(("", "", " Shop", " Hotel", " Bank", " Air", " Cafe", " Labs", " Market"))
    return proper(random) + tail


def title(random: Random) -> str:
    """Two words, one of them perhaps invented."""
    first = proper(random) if random.random() < INVENTED_SHARE * 0.5 else random.choice(TITLE_FIRST)
    second = proper(random) if random.random() < INVENTED_SHARE * 0.5 else random.choice(TITLE_SECOND)
    return f"{first} {second}"


def time(random: Random) -> str:
    return f"{random.randrange(24)}:{random.choice((0, 5, 10, 15, 20, 25, 30, 40, 45, 50, 55)):02d}"


def day(random: Random) -> str:
    """A day and a month, in one of the usual orders."""
    number, month = random.randrange(1, 29), random.choice(MONTHS)
    return f"{number} {month}" if random.random() < 0.5 else f"{month} {number}"


def date(random: Random) -> str:
    if random.random() < 0.6:
        return day(random)
    return f"20{random.randrange(20, 40)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"


def code(random: Random) -> str:
    """Letters and digits: AB123, K-77."""
    letters = "".join(random.choice(LETTERS) for _ in range(random.choice((1, 2, 2, 3))))
    return letters + random.choice(("", "", "-")) + str(digits(random, 2, 4))


def email(random: Random) -> str:
    return f"{person(random).lower()}@{invented(random)}.{random.choice(('com', 'org', 'net', 'de'))}"


def phone(random: Random) -> str:
    return f"{random.randrange(100, 1000)}-{random.randrange(1000, 10000)}"


def digits(random: Random, shortest: int, longest: int) -> int:
    """A number whose count of digits is even between the two."""
    count = random.randrange(shortest, longest + 1)
    return random.randrange(10 ** (count - 1), 10**count)


def whole(low: int, high: int) -> Draw:
    return lambda random: random.randrange(low, high + 1)


def number_of_digits(shortest: int, longest: int) -> Draw:
    return lambda random: digits(random, shortest, longest)


def decimal(random: Random) -> float:
    """One or two decimals, the last of them not zero, so that it reads the same as text and as a number."""
    places = random.choice((1, 1, 2))
    return float(f"{random.randrange(0, 200)}.{'' if places == 1 else random.randrange(10)}{random.randrange(1, 10)}")


def amount(random: Random) -> int | float:
    return decimal(random) if random.random() < 0.4 else digits(random, 1, 4)


def one_of(options: tuple[str, ...]) -> Draw:
    return lambda random: random.choice(options)


def written(value: Value | None) -> str:
    """A value as it stands in a sentence or a thought."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
