"""Tools that everybody offers: a calculator and the weather."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.toolbox import values
from yunqi.data.problems.toolbox.grammar import function
from yunqi.protocol.messages import Tool

CALCULATORS = listed(
    "calculator | calculator | calculate | calc | eval_math | evaluate | math | compute_expression | do_math"
)
CALCULATOR_TEXTS = listed(
    "Evaluate a math expression. | Calculate an expression. | Do arithmetic. | Compute the value of an expression. | "
    "A calculator for + - * / and parentheses. | Evaluates arithmetic expressions"
)
WEATHERS = listed(
    "get_weather | get_weather | weather | getWeather | current_weather | get_current_weather | fetch_weather | "
    "weather_forecast | get_forecast | check_weather"
)
WEATHER_TEXTS = listed(
    "Get the weather. | Get the current weather for a city. | Current weather in a place. | Look up the weather | "
    "Weather forecast for a location. | Get the weather in a given city"
)
SUM_QUESTIONS = listed(
    "What is {e}? | What's {e}? | {e} | {e}? | {e} = | Calculate {e}. | Compute {e}. | Work out {e}. | "
    "How much is {e}? | Use the calculator for {e}. | Please calculate {e}. | Can you compute {e}? | I need {e}. | "
    "Tell me {e}. | Evaluate {e}. | Use a tool to find {e}. | What does {e} give? | Solve {e}. | "
    "Find the value of {e}."
)
WEATHER_QUESTIONS = listed(
    "What is the weather in {c}? | What's the weather like in {c}? | How is the weather in {c}? | Weather in {c} | "
    "Tell me the weather in {c}. | Is it raining in {c}? | How warm is it in {c}? | Is it cold in {c}? | "
    "Do I need an umbrella in {c}? | What is the temperature in {c}? | Show me the weather for {c}. | "
    "I am travelling to {c}. How is the weather there? | Check the weather in {c}. | Is it sunny in {c}? | "
    "{c} weather? | What should I wear in {c}? | How hot is it in {c}? | I want to know the weather in {c}. | "
    "{c}: how is the weather? | Will it rain in {c}? | Please look up the weather in {c}. | "
    "Give me the forecast for {c}."
)
# How the four operations are asked for as a command: {a} and {b} are the operands.
COMMANDS = {
    "+": listed("Add {a} and {b}. | Add {b} to {a}. | What is the sum of {a} and {b}? | Sum of {a} and {b}"),
    "-": listed("Subtract {b} from {a}. | Take {b} from {a}. | What is the difference of {a} and {b}?"),
    "*": listed(
        "Multiply {a} by {b}. | Multiply {a} and {b}. | What is the product of {a} and {b}? | "
        "What do {a} tickets at {b} dollars each cost? | How much are {a} boxes for {b} dollars each?"
    ),
    "/": listed("Divide {a} by {b}. | Split {a} into {b} parts. | How many times does {b} fit into {a}?"),
}
COMMAND_SHARE = 0.15
UNITS, DAYS = ("celsius", "fahrenheit"), ("today", "tomorrow")
SPOKEN = {"+": ("plus",), "-": ("minus",), "*": ("times", "multiplied by"), "/": ("divided by",)}
SIGNS = {"+": ("+",), "-": ("-",), "*": ("x", "*", "×"), "/": ("/", "÷")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """An everyday tool, a request that needs it and the right arguments."""

    tool: Tool
    request: str
    arguments: Mapping[str, Any]


def calculator(random: Random, pieces: tuple[str, str] | None = None) -> Call:
    """A calculator; `pieces` are an expression and how it is said."""
    expression, said = pieces or _expression(random)
    question = random.choice(SUM_QUESTIONS).format(e=said)
    if pieces is None and random.random() < COMMAND_SHARE:
        expression, question = _command(random)
    name = random.choice(("expression", "expression", "expression", "input", "formula"))
    return Call(
        tool=function(random.choice(CALCULATORS), random.choice(CALCULATOR_TEXTS), {name: {"type": "string"}}, [name]),
        request=question,
        arguments={name: expression},
    )


def _command(random: Random) -> tuple[str, str]:
    a, b, operator = values.digits(random, 1, 5), values.digits(random, 1, 4), random.choice("+-*/")
    return f"{a}{operator}{b}", random.choice(COMMANDS[operator]).format(a=a, b=b)


def say(random: Random, operands: list[str], operators: str) -> tuple[str, str]:
    """An expression without blanks, and as a person writes it."""
    spoken, gap = random.random() < 0.2, random.choice((" ", " ", ""))
    expression = said = operands[0]
    for operator, operand in zip(operators, operands[1:], strict=True):
        expression += operator + operand
        said += f" {random.choice(SPOKEN[operator])} " if spoken else gap + random.choice(SIGNS[operator]) + gap
        said += operand
    return expression, said


def _expression(random: Random) -> tuple[str, str]:
    def number() -> str:
        return str(
            values.decimal(random) if random.random() < 0.08 else values.digits(random, 1, random.choice((2, 3, 6)))
        )

    draw = random.random()
    if draw < 0.6:
        return say(random, [number(), number()], random.choice("++-**/"))
    if draw < 0.8:
        return say(random, [number(), number(), number()], random.choice("+-*") + random.choice("+-*"))
    inner, outer = say(random, [number(), number()], random.choice("+-")), number()
    operator, gap = random.choice("*/"), random.choice(("", " "))
    sign = random.choice(SIGNS[operator])
    if random.random() < 0.5:
        return f"({inner[0]}){operator}{outer}", f"({inner[1]}){gap}{sign}{gap}{outer}"
    return f"{outer}{operator}({inner[0]})", f"{outer}{gap}{sign}{gap}({inner[1]})"


def weather(random: Random) -> Call:
    """The weather of a city, now and then in a unit or for a day."""
    place = random.choice(("city", "city", "location", "place"))
    city = values.city(random)
    properties: dict[str, Any] = {place: {"type": "string"}}
    if random.random() < 0.25:
        properties[place]["description"] = f"The {place} to get the weather for"
    arguments, request = {place: city}, random.choice(WEATHER_QUESTIONS).format(c=city)
    for name, options, form in (("unit", UNITS, "in {v}"), ("day", DAYS, "for {v}")):
        if random.random() < 0.2:
            properties[name] = {"type": "string", "enum": list(options)}
            if random.random() < 0.6:
                arguments[name] = random.choice(options)
                end = request[-1] if request[-1] in "?." else ""
                request = f"{request.rstrip('?.')} {form.format(v=arguments[name])}{end}"
    tool = function(random.choice(WEATHERS), random.choice(WEATHER_TEXTS), properties, [place])
    return Call(tool=tool, request=request, arguments=arguments)
