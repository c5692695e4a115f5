"""`yunqi bench`: how fast something is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import click

from yunqi.cli.options import (
    guessing,
    json_option,
    kv_cache_dtype_option,
    quantization_option,
    speculative_options,
)
from yunqi.cli.terminal import say, say_json
from yunqi.common.errors import YunqiError
from yunqi.common.files import write_json
from yunqi.common.progress import progress


@click.group("bench")
def command() -> None:
    """Measure how fast something is."""


@command.command("serve")
@click.argument("url", default="http://127.0.0.1:8000")
@click.option("-m", "--model", metavar="NAME", help="A model of the server; else the first that it lists.")
@click.option("--requests", default=64, show_default=True, help="How many requests to send.")
@click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="At most N at a time. Default: 8.")
@click.option("--rate", type=float, metavar="R", help="R a second on average, whether or not the server keeps up.")
@click.option("--words", default=100, show_default=True, help="Length of the made prompts, in words.")
@click.option("--shared-words", default=0, show_default=True, help="So many words at their start are the same in all.")
@click.option(
    "--prompts", type=click.Path(path_type=Path), metavar="FILE", help='Lines of text, or of {"prompt": ...}.'
)
@click.option("--max-tokens", default=64, show_default=True, help="Of each answer.")
@click.option("--think/--no-think", default=None, help="Ask for thoughts, or for none; else the server's habit.")
@click.option("--first", type=float, metavar="S", help="Objective: seconds to the first token.")
@click.option("--gap", type=float, metavar="S", help="Objective: seconds between tokens, on average over a request.")
@click.option("--whole", type=float, metavar="S", help="Objective: seconds to the end.")
@click.option("--seed", default=0, show_default=True, help="Which prompts, and when they arrive.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds that a request may take.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.json", help="Write the report to a file, too.")
@json_option
def serve(url: str, as_json: bool, out: Path | None, **options: Any) -> None:
    """Send requests to the chat completions of a server at URL, ours or another of OpenAI's kind, and time them.

    --concurrency alone is a closed loop, --rate an open one: its times count from when a request was due. The API key
    is taken from YUNQI_API_KEY or OPENAI_API_KEY. With an objective, goodput is what met all its limits.
    """
    report = asyncio.run(_measure(url, **options))
    if out is not None:
        write_json(out, report)
    if as_json:
        say_json(report)
        return
    from yunqi.eval.serving import format_load

    say(format_load(report))


@command.command("model")
@click.argument("model", default="nano")
@quantization_option
@kv_cache_dtype_option
@speculative_options
@click.option("--contexts", default="32,1024", show_default=True, help="Lengths of the prompts, with commas.")
@click.option("--batch", type=click.IntRange(min=1), default=16, show_default=True, help="Sequences together; 1: none.")
@click.option("--tokens", type=click.IntRange(min=2), default=48, show_default=True, help="Of each answer.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Figures are their medians.")
@click.option("--backend", default="auto", show_default=True, help="auto, native or torch.")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.json", help="Write the report to a file, too.")
@json_option
def model_command(
    model: str,
    contexts: str,
    speculative: str | None,
    draft: str | None,
    speculative_tokens: int | None,
    as_json: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Time MODEL on this machine: prompts, answers, many at once, loading and memory.

    Each figure stands beside the share it is of what memory and arithmetic allowed in the same minute.
    """
    from yunqi.eval.speed import format_speed, measure_speed

    lengths = [int(part) for part in contexts.split(",") if part.strip().isdigit()]
    if not lengths or len(lengths) != len(contexts.split(",")):
        rule = "Write whole numbers with commas: 32,1024."
        raise YunqiError("option-invalid", option="--contexts", value=contexts, rule=rule)
    options["speculative"] = guessing(speculative, draft, speculative_tokens)
    with progress("Measurements", total=1) as bar:
        report = measure_speed(model, contexts=lengths, on_done=lambda done, total: bar.update(done / total), **options)
    if out is not None:
        write_json(out, report)
    say_json(report) if as_json else say(format_speed(report))


async def _measure(
    url: str,
    *,
    model: str | None,
    requests: int,
    concurrency: int | None,
    rate: float | None,
    words: int,
    shared_words: int,
    prompts: Path | None,
    max_tokens: int,
    think: bool | None,
    first: float | None,
    gap: float | None,
    whole: float | None,
    seed: int,
    timeout: float,
) -> dict[str, Any]:
    from yunqi.eval.serving import Arrivals, Objective, run_load, summarize
    from yunqi.eval.serving.prompts import made_prompts, read_prompts

    counts = {
        "--requests": requests,
        "--words": words,
        "--max-tokens": max_tokens,
        "--timeout": timeout,
        "--rate": rate,
    }
    for option, value in counts.items():
        if value is not None and not value > 0:
            raise YunqiError("option-invalid", option=option, value=value, rule="It is above 0.")
    if prompts is not None:
        texts = read_prompts(prompts, requests)
    else:
        texts = made_prompts(requests, words=words, shared_words=shared_words, seed=seed)
    fields: dict[str, Any] = {"max_tokens": max_tokens, "temperature": 0, "seed": seed}
    if think is not None:
        fields["chat_template_kwargs"] = {"enable_thinking": think}
    arrivals = Arrivals(concurrency=concurrency or (None if rate else 8), rate=rate, seed=seed)
    done = 0
    with progress("Requests", total=requests) as bar:

        def count(record: Any) -> None:
            nonlocal done
            done += 1
            bar.update(done, note=record.error or "")

        key = os.environ.get("YUNQI_API_KEY") or os.environ.get("OPENAI_API_KEY")
        records, seconds = await run_load(
            url, texts, arrivals, model=model, api_key=key, options=fields, timeout=timeout, on_done=count
        )
    limits = (first, gap, whole)
    objective = None if limits == (None,) * 3 else Objective(first=first, gap=gap, whole=whole)
    settings = {"url": url, "concurrency": arrivals.concurrency, "rate": rate, "max_tokens": max_tokens, "words": words}
    return {"settings": settings} | summarize(records, seconds, objective)
