"""`yunqi serve`: a model behind OpenAI's and Anthropic's interfaces."""

from __future__ import annotations

import os
from pathlib import Path

import click

from yunqi.cli import options
from yunqi.common.errors import YunqiError

_SNIPPET = """\
{model} is served at {address}, for programs that speak OpenAI's or Anthropic's dialect. Control-C ends it.
{key_first}
    curl {address}/v1/chat/completions -H 'content-type: application/json'{curl_key} \\
      -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "What is 12 + 30?"}}]}}'

    {imports}from openai import OpenAI
    client = OpenAI(base_url="{address}/v1", api_key={python_key})
    print(client.chat.completions.create(model="{model}", messages=[{{"role": "user", "content": "What is 12 + 30?"}}]))

    ANTHROPIC_BASE_URL={address} ANTHROPIC_API_KEY={shell_key} ANTHROPIC_MODEL={model}
"""


@click.command("serve")
@click.argument("model", default="nano")
@click.option("--host", default="127.0.0.1", show_default=True, help="Another than this machine's own needs a key.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option(
    "--api-key", metavar="KEY", help="Ask clients for KEY. Others on this machine can see it: rather set YUNQI_API_KEY."
)
@click.option("--api-key-file", type=click.Path(path_type=Path), help="A file of keys, one a line.")
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Without a key: a name to be asked under, whose web pages may ask; repeatable.",
)
@click.option(
    "--alias", "aliases", multiple=True, metavar="NAME", help="Another name to serve the model under; repeatable."
)
@click.option("--max-model-len", type=click.IntRange(1), metavar="N", help="The longest sequence, in tokens.")
@click.option("--max-waiting", type=click.IntRange(1), default=256, show_default=True, help="Requests that may wait.")
@click.option(
    "--prefix-cache-dir", type=click.Path(path_type=Path), metavar="DIR", help="Keep what was computed here, too."
)
@click.option(
    "--prefix-cache-bytes", type=click.IntRange(1), default=8 << 30, show_default=True, help="At most so much of it."
)
@click.option(
    "--default-budget", type=click.IntRange(0), metavar="N", help="Thinking tokens where a request says nothing."
)
@click.option("--max-budget", type=click.IntRange(0), metavar="N", help="Thinking tokens at most.")
@click.option(
    "--preserve-thinking", is_flag=True, help="Keep earlier thoughts in the prompt: later turns then extend it."
)
@click.option(
    "--tool-call-parser",
    type=click.Choice(("hermes", "qwen3_coder")),
    help="How the model writes tool calls. Else as its chat template says.",
)
@click.option("--max-body-bytes", type=click.IntRange(1024), metavar="N", help="Larger bodies are refused.")
@click.option("--body-timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds for a body.")
@click.option(
    "--reader-timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds for a reader."
)
@click.option(
    "--drain", type=click.FloatRange(0), default=30.0, show_default=True, help="Seconds to finish at the end."
)
@click.option(
    "--step-timeout",
    type=click.FloatRange(0),
    default=300.0,
    show_default=True,
    help="Seconds after which a step hangs, and the engine is restarted; 0 waits for ever.",
)
@click.option("--log-content", is_flag=True, help="Write prompts into the log too.")
@options.quantization_option
@options.kv_cache_dtype_option
@options.speculative_options
@options.anyway_option
def command(
    model: str,
    host: str,
    port: int,
    api_key: str | None,
    api_key_file: Path | None,
    allowed_hosts: tuple[str, ...],
    aliases: tuple[str, ...],
    max_model_len: int | None,
    max_waiting: int,
    prefix_cache_dir: Path | None,
    prefix_cache_bytes: int,
    default_budget: int | None,
    max_budget: int | None,
    preserve_thinking: bool,
    tool_call_parser: str | None,
    max_body_bytes: int | None,
    body_timeout: float,
    reader_timeout: float,
    drain: float,
    step_timeout: float,
    log_content: bool,
    quantization: str | None,
    kv_cache_dtype: str,
    speculative: str | None,
    draft: str | None,
    speculative_tokens: int | None,
    anyway: bool,
) -> None:
    """Serve MODEL behind the interfaces of OpenAI and Anthropic.

    It listens on this machine alone. SIGTERM lets running requests finish.
    """
    from yunqi.server.access import KEY_VARIABLE, check_address, hosts_from, keys_from
    from yunqi.server.config import ServerConfig, ThinkingPolicy
    from yunqi.server.run import make_client, serve
    from yunqi.server.signature import installation_secret

    keys = keys_from(api_key or os.environ.get(KEY_VARIABLE), api_key_file)
    check_address(host, keys)
    if default_budget is not None and max_budget is not None and default_budget > max_budget:
        first, second = f"--default-budget {default_budget}", f"--max-budget {max_budget}"
        raise YunqiError("options-contradict", first=first, second=second, rule="The default is at most the maximum.")
    config = ServerConfig(
        api_keys=keys,
        allowed_hosts=hosts_from(allowed_hosts),
        signing_secret=installation_secret(),
        thinking=ThinkingPolicy(default_budget=default_budget, cap=max_budget, preserve=preserve_thinking),
        max_body_bytes=max_body_bytes,
        body_seconds=body_timeout,
        reader_seconds=reader_timeout,
        drain_seconds=drain,
        log_content=log_content,
    )
    guessing = options.guessing(speculative, draft, speculative_tokens)
    options.check_model_fits(model, anyway=anyway, quantization=quantization, speculative=guessing)
    client = make_client(
        model,
        aliases=aliases,
        max_waiting=max_waiting,
        step_timeout=step_timeout,
        max_model_len=max_model_len,
        quantization=quantization,
        kv_cache_dtype=kv_cache_dtype,
        experts="memory" if anyway else "auto",
        tool_call_parser=tool_call_parser,
        speculative=guessing,
        prefix_cache_dir=prefix_cache_dir,
        prefix_cache_bytes=prefix_cache_bytes,
    )
    place = _place_of_key(api_key, api_key_file) if keys else None
    serve(client, config, host=host, port=port, ready=lambda address: click.echo(snippet(model, address, place)))


def _place_of_key(api_key: str | None, api_key_file: Path | None) -> str:
    """Where a reader finds a key that the server takes."""
    if api_key:
        return "the key after --api-key"
    return "the key that this server has there" if api_key_file is None else f"a line of {api_key_file}"


def snippet(model: str, address: str, place_of_key: str | None) -> str:
    """What a user can paste to ask the server; the key itself is not shown, only where it stands."""
    needs_key = place_of_key is not None
    return _SNIPPET.format(
        model=model,
        address=address,
        key_first=f"It asks for a key: where you ask, set YUNQI_API_KEY to {place_of_key}.\n" if needs_key else "",
        imports="import os\n    " if needs_key else "",
        curl_key=' -H "authorization: Bearer $YUNQI_API_KEY"' if needs_key else "",
        python_key='os.environ["YUNQI_API_KEY"]' if needs_key else '"none"',
        shell_key="$YUNQI_API_KEY" if needs_key else "none",
    )
