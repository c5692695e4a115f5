"""Options that several commands share, and the model they load."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from yunqi.common.errors import YunqiError

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM

model_option = click.option(
    "-m", "--model", default="nano", show_default=True, help="A bundled name, OWNER/NAME found here, or a directory."
)
anyway_option = click.option("--anyway", is_flag=True, help="Load the model even where it seems too large to fit.")
quantization_option = click.option(
    "-q",
    "--quantization",
    type=click.Choice(("int8", "int4")),
    help="Keep the weights in so many bits: less memory, more tokens a second. Else as they are stored.",
)
kv_cache_dtype_option = click.option(
    "--kv-cache-dtype",
    type=click.Choice(("auto", "int8")),
    default="auto",
    help="Keep keys and values in int8: half the memory, and longer contexts decode faster. Else as they are computed.",
)
_GUESSING = (
    click.option(
        "--speculative",
        type=click.Choice(("ngram", "draft_model", "mtp")),
        help="Guess tokens and verify several in one step: more tokens a second, the same answer.",
    ),
    click.option("--draft", metavar="MODEL", help="A smaller model of the same vocabulary that guesses."),
    click.option("--speculative-tokens", type=int, metavar="N", help="Guess at most N tokens in a step."),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead.")


def sampling_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How to think and draw tokens. What is left out takes the model's official value."""
    for option in reversed(
        (
            click.option("--think/--no-think", "think", default=None, help="Think first, or answer at once."),
            click.option("--budget", type=int, metavar="N", help="Think at most N tokens, then a closing sentence."),
            click.option("--max-tokens", type=int, metavar="N", help="Write at most N tokens, thoughts included."),
            click.option("--temperature", type=float, metavar="T", help="0 always takes the likeliest token."),
            click.option("--seed", type=int, metavar="N", help="The same seed gives the same answer."),
            click.option("--system", metavar="TEXT", help="What the model is told before the conversation."),
        )
    ):
        function = option(function)
    return function


def speculative_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How to guess; `guessing` makes what `LLM` takes of them."""
    for option in reversed(_GUESSING):
        function = option(function)
    return function


def guessing(speculative: str | None, draft: str | None, speculative_tokens: int | None) -> dict[str, Any] | None:
    """The `speculative=` of `LLM`. Raises `options-contradict`, `option-without-effect`, `option-invalid`."""
    method = speculative or ("draft_model" if draft else None)
    if method is None:
        if speculative_tokens is not None:
            rule = "Add --speculative ngram, --speculative mtp or --draft MODEL, or leave it out."
            raise YunqiError(
                "options-contradict",
                first=f"--speculative-tokens {speculative_tokens}",
                second="no --speculative",
                rule=rule,
            )
        return None
    _check_guessing(method, draft, speculative_tokens)
    from yunqi.engine.speculation import SpeculativeConfig

    given = {"method": method, "num_speculative_tokens": speculative_tokens, "model": draft}
    found = {name: value for name, value in given.items() if value is not None}
    SpeculativeConfig.of(found)  # says what is wrong before anything is loaded
    return found


def _check_guessing(method: str, draft: str | None, tokens: int | None) -> None:
    from yunqi.engine.speculation import MOST_TOKENS

    if method == "draft_model" and not draft:
        raise YunqiError("option-without-effect", option="--speculative draft_model", other="--draft MODEL")
    if method != "draft_model" and draft:
        rule = "A draft model guesses with --speculative draft_model, or with --draft alone."
        raise YunqiError("options-contradict", first=f"--speculative {method}", second=f"--draft {draft}", rule=rule)
    if tokens is not None and not 1 <= tokens <= MOST_TOKENS:
        rule = f"It is a whole number from 1 to {MOST_TOKENS}."
        raise YunqiError("option-invalid", option="--speculative-tokens", value=tokens, rule=rule)


def check_thinking(think: bool | None, budget: int | None) -> None:
    """Raise `options-contradict` where the budget would be without effect, or the wish to think."""
    if think is False and budget:
        rule = f"Leave --no-think out to think, or --budget {budget} to answer at once."
        raise YunqiError("options-contradict", first="--no-think", second=f"--budget {budget}", rule=rule)
    if think and budget == 0:
        rule = "Leave --think out to answer at once, or --budget 0 to think."
        raise YunqiError("options-contradict", first="--think", second="--budget 0", rule=rule)


def check_model_fits(model: str, *, anyway: bool, quantization: str | None = None, speculative: Any = None) -> None:
    """Find a model and its draft, if any; unless `anyway`, raise `memory-too-small` where one does not fit."""
    from yunqi.hub.fit import check_fit
    from yunqi.hub.resolve import resolve

    draft = None if speculative is None else speculative.get("model")
    for name in (model, *(() if draft is None else (draft,))):
        path = resolve(name)
        if not anyway:
            remedy = " --anyway loads it all the same."
            check_fit(path, name=name, quantization=quantization, may_spill=True, remedy=remedy)


def load_llm(model: str, *, anyway: bool = False, quantization: str | None = None, speculative: Any = None) -> LLM:
    """Load a model; this is where torch is imported, after the name has been found to be one that fits into memory.

    Raises:
        YunqiError: `memory-too-small` unless `anyway`, those of `resolve`, and those of `LLM`.
    """
    check_model_fits(model, anyway=anyway, quantization=quantization, speculative=speculative)
    from yunqi import LLM

    if sys.stderr.isatty():  # torch alone takes a second or two
        click.secho(f"Loading {model} ...", dim=True, err=True)
    experts = "memory" if anyway else "auto"
    return LLM(model, quantization=quantization, experts=experts, speculative=speculative)
