"""Word problems: stories of every length in three languages, whose numbers and answers agree with their plots."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems import words
from yunqi.data.problems.problem import Language
from yunqi.data.problems.stories import compare, flow, places, shop, tally
from yunqi.data.problems.stories.teller import WORDINGS
from yunqi.eval.plots import shortfall, solve_plot

LINE = re.compile(r"^([\d+\-x/=]+=\d+)(?: -> \d+(?:=\d+)?)?$")
RELATION = re.compile(r"(\w+)(?:: (\w+))? (\w+)$")
LESS = ["fewer", "less", "younger", "weniger", "jünger", "少", "小"]
TIMES = ["times", "twice", "double", "mal", "doppelt", "倍"]
IMPOSSIBLE = re.compile(r"^\d+<\d+ impossible$")
HEADING = re.compile(r"^\d+[+\-x/]\d+$")
LANGUAGES = st.sampled_from(("en", "de", "zh"))
SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, language=LANGUAGES, beyond=st.booleans())
def test_a_story_is_a_pure_function_of_its_seed_and_its_plot_gives_the_answer(
    seed: int, language: Language, beyond: bool
) -> None:
    problem = words.generate(Random(seed), beyond=beyond, language=language)
    assert problem == words.generate(Random(seed), beyond=beyond, language=language)
    assert (problem.language, problem.beyond) == (language, beyond)
    assert problem.difficulty in (words.STEPS_BEYOND if beyond else words.STEPS)
    if found := shortfall(problem.canonical):
        there, taken = found
        assert problem.answer == ""
        assert list(map(int, re.findall(r"\d+", problem.reply))) == [there, taken]
        assert problem.thought.split("\n")[-1] == f"{there}<{taken} impossible"
        return
    assert solve_plot(problem.canonical) == int(problem.answer) >= 0
    assert re.findall(r"\d+", problem.reply)[-1] == problem.answer


@given(seed=SEEDS, language=LANGUAGES)
def test_every_line_of_a_thought_is_true_and_the_last_one_holds_the_answer(seed: int, language: Language) -> None:
    problem = words.generate(Random(seed), language=language)
    for line in problem.thought.split("\n"):
        found = LINE.match(line)
        assert found or HEADING.match(line) or RELATION.match(line) or IMPOSSIBLE.match(line), line
        if found:
            assert len({eval(side.replace("x", "*")) for side in found[1].split("=")}) == 1, line
    assert problem.answer in ("", re.findall(r"\d+", problem.thought)[-1])


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_a_few_short_stories_take_more_than_there_is(language: Language) -> None:
    random = Random(6)
    short = [p for p in (words.generate(random, language=language) for _ in range(8000)) if p.difficulty <= 2]
    impossible = [p for p in short if shortfall(p.canonical)]
    assert 0.04 < len(impossible) / len(short) < 0.08
    assert {p.difficulty for p in impossible} == {1, 2}
    for problem in impossible:
        assert not re.search(r"[{}/|_]|  |\.\.", problem.question + problem.reply)


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_fewer_is_said_as_often_as_more_and_of_either_of_the_two(language: Language) -> None:
    random, said = Random(7), Counter()
    for _ in range(5000):
        for line in words.generate(random, language=language).thought.split("\n"):
            if found := RELATION.match(line):
                said["less" if found[3] in LESS else "times" if found[3] in TIMES else "more", bool(found[2])] += 1
    for turned in (False, True):
        assert 0.8 < said["less", turned] / said["more", turned] < 1.3
    assert said["less", True] > 0.3 * said["less", False]


@given(seed=SEEDS, steps=st.integers(1, 6), language=LANGUAGES)
def test_what_two_people_are_to_each_other_decides_the_sign(seed: int, steps: int, language: Language) -> None:
    story = compare.tell(Random(seed), steps, False, language)
    lines = story.working.lines
    told = [(RELATION.match(line), after) for line, after in pairwise(lines) if RELATION.match(line)]
    assert len(told) == story.canonical.count(",") - 1
    for sentence, (relation, after) in zip(story.sentences[1:], told, strict=True):
        assert relation is not None
        new, other, word = relation.groups()
        assert sentence.startswith(other or new)
        assert new in sentence
        if story.in_range:
            less = word in LESS
            sign = "x" if word in TIMES else "-" if less == (other is None) else "+"
            assert re.match(rf"\d+{re.escape(sign)}", after), (sentence, after)


@pytest.mark.parametrize("plot", [flow, compare, places, shop, tally])
@given(seed=SEEDS, steps=st.integers(1, 6), wide=st.booleans())
def test_a_story_names_every_number_of_its_plot(plot, seed: int, steps: int, wide: bool) -> None:
    story = plot.tell(Random(seed), steps, wide)
    if story.in_range and (plot is not shop or steps > 1):
        _assert_named(story)


@pytest.mark.parametrize("plot", [flow, compare])
@given(seed=SEEDS, steps=st.integers(1, 10), language=LANGUAGES)
def test_a_translated_story_names_every_number_of_its_plot(plot, seed: int, steps: int, language: Language) -> None:
    story = plot.tell(Random(seed), steps, False, language)
    if story.in_range:
        _assert_named(story)


@given(seed=SEEDS, steps=st.integers(1, 8))
def test_a_plot_is_the_same_in_every_language(seed: int, steps: int) -> None:
    plots = {flow.tell(Random(seed), steps, False, language).canonical for language in ("en", "de", "zh")}
    assert len(plots) == 1


@given(seed=SEEDS, steps=st.integers(1, 8), language=LANGUAGES)
def test_no_template_is_left_unfilled(seed: int, steps: int, language: Language) -> None:
    story = flow.tell(Random(seed), steps, False, language)
    told = " ".join([*story.sentences, story.question, story.reply])
    assert not re.search(r"[{}/|]|  |\.\.", told), told
    if language == "en":
        assert all(sentence[0].isupper() or sentence[0].isdigit() for sentence in (*story.sentences, story.question))


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_joined_begins_with_what_the_hero_does(language: Language) -> None:
    wording = WORDINGS[language]
    phrases = [text for texts in (*wording.does.values(), *(share[0] for share in wording.shares)) for text in texts]
    happens = " ".join(text for texts in wording.happens.values() for text in texts)
    starts = [text.split()[0] for text in phrases] + re.findall(r"\{(?:p|they)\} (\S+)", happens)
    verbs = {form for start in starts for form in start.split("/")}
    for seed in range(4000):
        story = flow.tell(Random(seed), 1 + seed % 3, False, language)
        for follows in re.findall(r"(?<!,) (?:and|und) (\S+)", " ".join([*story.sentences, story.question])):
            assert follows in verbs, (seed, story.sentences)


def test_a_condition_is_followed_by_a_plain_question() -> None:
    asked = [flow.tell(Random(seed), 1 + seed % 2, False).question for seed in range(4000)]
    conditions = [question for question in asked if question.startswith("If ")]
    assert conditions
    assert not [question for question in conditions if ", so " in question.lower()]
    assert any(question.startswith("So ") for question in asked)


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_nobody_has_just_one_more_or_fewer(language: Language) -> None:
    stories = [compare.tell(Random(seed), 2, False, language) for seed in range(3000)]
    assert not [story for story in stories if re.search(r"[+-]1(?!\d)", story.canonical)]


def test_every_length_is_told_often_enough() -> None:
    counts = Counter(words.generate(Random(seed)).difficulty for seed in range(1000))
    assert set(counts) == set(words.STEPS)
    assert all(counts[steps] >= 55 for steps in words.STEPS)


def test_stories_are_many_and_told_in_many_ways() -> None:
    drawn = [words.generate(Random(seed)) for seed in range(600)]
    assert len({problem.canonical for problem in drawn}) > 550
    assert len({re.sub(r"\d+|[A-Z]\w+", "", problem.question) for problem in drawn}) > 550


def test_number_words_and_dozens_are_written_now_and_then() -> None:
    told = " ".join(words.generate(Random(seed)).question.lower() for seed in range(600))
    assert " three " in told
    assert "a dozen" in told
    assert "两" in "".join(words.generate(Random(seed), language="zh").question for seed in range(200))


def test_a_goal_is_what_the_rest_falls_short_of() -> None:
    assert solve_plot("goal:50,5,7,3") == 35
    assert solve_plot("flow:12,+7,-3*4,*2,/2") == 7


def _assert_named(story) -> None:
    told = set(re.findall(r"\d+", " ".join([*story.sentences, story.question])))
    for number in re.findall(r"\d+", story.canonical):
        # Twice and half are told in words.
        assert number in told or number == "2", (number, story)
