"""Skill `letters`: counting a letter in a word, a word's length, its first and last letter, spelling and reversing it.

Canonical: "count:r:strawberry", "length:banana", "first:banana", "last:banana", "spell:cat" (answer "c-a-t") and
"reverse:cat", the word in lower case. Half of the words are common ones, the others are made of syllables or of random
letters, so that spelling itself is learnt and not a list. Difficulty is the number of letters; beyond: 13 to 16.

The thought spells in lower case, each letter with its place, or with the count so far where a letter is counted:

    r: s0 t0 r1 a1 w1 b1 e1 r2 r3 y3
    3

    c1 a2 t3
    t3 a2 c1
    tac
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, listed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.spelling_words import ALPHABET, common, made

SKILL = "letters"
KINDS = {"count": 11, "length": 4, "first": 1, "last": 2, "spell": 2, "reverse": 2}
LENGTHS = range(3, 13)
LENGTHS_BEYOND = range(13, 17)
LENGTHS_REVERSED = range(3, 9)
COMMON_SHARE = 0.5
ABSENT_SHARE = 0.1
FRAMES = {
    ("en", "count"): listed(
        "How many {c} are in {w}? | How many {c} are there in {w}? | How many {s} are in {w}? | How many {s} in {w}? | "
        "How many {c} in {w}? | How many times does {c} appear in {w}? | How often does {c} appear in {w}? | "
        "How many times does the letter {c} appear in {w}? | How often does the letter {c} occur in {w}? | "
        "How many {s} are there in {w}? | How many {s} are in the word {w}? | How many {s} does {w} have? | "
        "How many {s} does the word {w} have? | Count the {s} in {w}. | Count the letter {c} in {w}. | "
        "Count the number of {s} in {w}. | Count how many {s} are in {w}. | Count {c} in {w}. | "
        "Count the {s} in the word {w}. | In {w}, how many {s} are there? | "
        "In the word {w}, how many times is {c} used? | "
        "What is the number of {s} in {w}? | Number of {s} in {w}? | How many of the letters in {w} are {c}? | "
        "Can you count the {s} in {w}? | Can you tell me how many {s} are in {w}? | Tell me how many {s} {w} has. | "
        "Please count the letter {c} in the word {w}. | The word {w}: how many {s}? | {w}: how many {c}? | "
        "How many letters {c} are in {w}? | I wrote {w}. How many {s} did I write? | Find how many {s} are in {w}. | "
        "How often is {c} in {w}? | How many {s} do you see in {w}? | How many {s} are used to spell {w}? | "
        "How many {c} letters does {w} have? | what's the count of {c} in {w}?"
    ),
    ("en", "length"): listed(
        "How many letters are in {w}? | How many letters does {w} have? | How long is the word {w}? | "
        "How many letters are there in {w}? | How many letters in {w}? | Count the letters in {w}. | "
        "Count the letters of {w}. | What is the length of {w}? | What is the length of the word {w}? | "
        "How many letters does the word {w} have? | Number of letters in {w}? | Tell me how many letters {w} has. | "
        "How many characters are in {w}? | How many letters long is {w}? | Length of {w}? | Letters in {w}? | "
        "How many letters are in the word {w}? | The word {w} has how many letters? | "
        "Can you count the letters in {w}? | "
        "{w}: how many letters?"
    ),
    ("en", "first"): listed(
        "What is the first letter of {w}? | What letter does {w} start with? | What is the first letter in {w}? | "
        "Which letter does {w} begin with? | First letter of {w}? | Tell me the first letter of {w}. | "
        "With which letter does {w} start? | Which letter comes first in {w}? | "
        "Give me the first letter of the word {w}."
    ),
    ("en", "last"): listed(
        "What is the last letter of {w}? | What letter does {w} end with? | What is the last letter in {w}? | "
        "Which letter does {w} end with? | Last letter of {w}? | Tell me the last letter of {w}. | "
        "What is the final letter of {w}? | Which letter comes last in {w}? | "
        "Give me the last letter of the word {w}. | "
        "With which letter does {w} end?"
    ),
    ("en", "spell"): listed(
        "Spell {w}. | Spell {w} | Spell the word {w}. | How do you spell {w}? | How is {w} spelled? | "
        "How is {w} spelt? | Can you spell {w}? | Please spell {w}. | Spell {w} for me. | Spell out {w}. | "
        "Write {w} letter by letter. | How do I spell {w}? | What are the letters of {w}? | "
        "Give me the spelling of {w}."
    ),
    ("en", "reverse"): listed(
        "Spell {w} backwards. | Spell {w} backward. | Reverse {w}. | Reverse the word {w}. | Write {w} backwards. | "
        "What is {w} backwards? | What is {w} spelled backwards? | What is {w} in reverse? | Write {w} in reverse. | "
        "Can you reverse {w}? | Turn {w} around. | Say {w} backwards. | How do you write {w} backwards? | "
        "Give me {w} backwards. | Reverse the letters of {w}. | {w} backwards?"
    ),
    ("de", "count"): listed(
        "Wie viele {c} sind in {w}? | Wie viele {c} hat {w}? | Wie viele {c} hat das Wort {w}? | "
        "Wie oft kommt {c} in {w} vor? | Wie oft kommt der Buchstabe {c} in {w} vor? | Zähle die {c} in {w}. | "
        "Wie viele {c} stecken in {w}? | Wie viele {c} gibt es in {w}? | Wie oft steht {c} in {w}? | "
        "Zähle den Buchstaben {c} im Wort {w}. | Wie oft enthält {w} den Buchstaben {c}? | Anzahl der {c} in {w}?"
    ),
    ("de", "length"): listed(
        "Wie viele Buchstaben hat {w}? | Wie viele Buchstaben hat das Wort {w}? | Wie lang ist das Wort {w}? | "
        "Zähle die Buchstaben in {w}. | Aus wie vielen Buchstaben besteht {w}? | Anzahl der Buchstaben in {w}?"
    ),
    ("de", "first"): listed("Was ist der erste Buchstabe von {w}? | Mit welchem Buchstaben beginnt {w}?"),
    ("de", "last"): listed("Was ist der letzte Buchstabe von {w}? | Mit welchem Buchstaben endet {w}?"),
    ("de", "spell"): listed("Buchstabiere {w}. | Wie buchstabiert man {w}? | Bitte buchstabiere das Wort {w}."),
    ("de", "reverse"): listed("Schreibe {w} rückwärts. | Was ist {w} rückwärts? | Buchstabiere {w} rückwärts."),
    ("zh", "count"): listed(
        "{w}里有几个{c}？ | {w}中有几个{c}？ | 单词{w}里有多少个{c}？ | {w}里有几个字母{c}？ | "
        "字母{c}在{w}中出现几次？ | "
        "{c}在{w}里出现了几次？ | 数一数{w}里的{c}。 | 请数{w}中字母{c}的个数。 | {w}这个词有几个{c}？"
    ),
    ("zh", "length"): listed(
        "{w}有几个字母？ | 单词{w}有多少个字母？ | {w}有多长？ | 数一数{w}的字母。 | {w}一共有几个字母？"
    ),
    ("zh", "first"): listed("{w}的第一个字母是什么？ | {w}以哪个字母开头？"),
    ("zh", "last"): listed("{w}的最后一个字母是什么？ | {w}以哪个字母结尾？"),
    ("zh", "spell"): listed("拼写{w}。 | {w}怎么拼？ | 请拼出{w}。"),
    ("zh", "reverse"): listed("把{w}倒过来写。 | {w}倒着怎么写？ | 倒着拼写{w}。"),
}
SHOWN_WORD = listed("{} | {} | {} | '{}' | \"{}\"")
SHOWN_WORD_ZH = listed('{} | {} | “{}” | "{}"')
SHOWN_LETTER = listed("{} | {} | {} | '{}' | \"{}\"")
SEVERAL = listed("{}'s | {}'s | {}s | '{}'s | \"{}\"s | {}")


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    kind = random.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    word = _word(random, kind, beyond)
    letter = _letter(random, word) if kind == "count" else ""
    answer = _answer(kind, word, letter)
    return Problem(
        skill=SKILL,
        difficulty=len(word),
        question=_question(random, kind, word, letter, language),
        canonical=f"count:{letter}:{word}" if letter else f"{kind}:{word}",
        answer=answer,
        thought=f"{_spelling(kind, word, letter)}\n{answer}",
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _answer(kind: str, word: str, letter: str) -> str:
    match kind:
        case "count":
            return str(word.count(letter))
        case "length":
            return str(len(word))
        case "first" | "last":
            return word[0 if kind == "first" else -1]
        case "spell":
            return "-".join(word)
        case _:
            return word[::-1]


def _spelling(kind: str, word: str, letter: str) -> str:
    if kind == "count":
        return f"{letter}: " + " ".join(f"{at}{word[: n + 1].count(letter)}" for n, at in enumerate(word))
    places = [f"{at}{n}" for n, at in enumerate(word, 1)]
    spelled = " ".join(places)
    return f"{spelled}\n{' '.join(reversed(places))}" if kind == "reverse" else spelled


def _word(random: Random, kind: str, beyond: bool) -> str:
    if beyond:
        return made(random, LENGTHS_BEYOND)
    lengths = LENGTHS_REVERSED if kind == "reverse" else LENGTHS
    return common(random, lengths) if random.random() < COMMON_SHARE else made(random, lengths)


def _letter(random: Random, word: str) -> str:
    """Mostly one that the word has, the more often the likelier."""
    if random.random() < ABSENT_SHARE:
        return random.choice([letter for letter in ALPHABET if letter not in word])
    often = [letter for letter in word if word.count(letter) > 1]
    return random.choice(often if often and random.random() < 0.5 else word)


def _question(random: Random, kind: str, word: str, letter: str, language: Language) -> str:
    form = random.random()
    typed = word.upper() if form < 0.08 else word.capitalize() if form < 0.2 else word
    if letter and random.random() < 0.12:
        letter = letter.upper()
    shown = random.choice(SHOWN_WORD_ZH if language == "zh" else SHOWN_WORD).format(typed)
    question = random.choice(FRAMES[language, kind]).format(
        w=shown, c=_shown(random, SHOWN_LETTER, letter), s=_shown(random, SEVERAL, letter)
    )
    return careless(random, question)


def _shown(random: Random, forms: Sequence[str], letter: str) -> str:
    return random.choice(forms).format(letter)
