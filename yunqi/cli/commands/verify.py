"""`yunqi verify`: does this checkpoint give here what it gives in transformers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import clean, say, say_json

if TYPE_CHECKING:
    from yunqi.eval.comparison import Check

_WORDS = {True: "passed", False: "FAILED", None: "not checked"}


@click.command("verify")
@click.argument("model")
@click.option("--reference", metavar="MODEL", help="What transformers runs instead; then no result is kept.")
@click.option("--renew", is_flag=True, help="Sign off files that changed since an earlier result.")
@json_option
def command(model: str, reference: str | None, renew: bool, as_json: bool) -> int:
    """Run MODEL here and in transformers, on the CPU in float32, and compare.

    Compared are the files with an earlier result, the logits of fixed prompts, 64 greedy tokens, the tokenizer and the
    chat template. If all agree, the result is kept as yunqi-verified.json beside the checkpoint, or below YUNQI_HOME.
    Exits with 1 where something differs.
    """
    from dataclasses import asdict

    from yunqi.hub.resolve import resolve

    resolve(model)
    from yunqi.eval.sign_off import verify

    def tell(check: Check) -> None:
        if not as_json:
            say(f"{_WORDS[check.passed]:<12} {check.name:<14} {clean(check.detail)}", bold=check.passed is False)

    result = verify(model, reference=reference, renew=renew, report=tell)
    if as_json:
        say_json(asdict(result) | {"passed": result.passed})
    elif result.record is not None:
        say(f"Verified; the result is kept in {result.record}")
    elif result.passed:
        say("Equal to the reference. The result is not kept, for the reference is another checkpoint.")
    else:
        say("Not verified.", bold=True)
    return 0 if result.passed else 1
