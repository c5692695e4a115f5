"""What to do about an error, in the words of the command line: the table of errors speaks to Python callers, too."""

from __future__ import annotations

import re
from collections.abc import Mapping

from yunqi.common.errors import TABLE, YunqiError

# Python's name of a value -> what a command calls it.
OPTIONS: Mapping[str, str] = {
    "thinking_budget": "--budget",
    "num_speculative_tokens": "--speculative-tokens",
    "skill": "--skills",
    "recipe": "RECIPE",
    **{
        name: f"--{name.replace('_', '-')}"
        for name in (
            *("temperature", "seed", "max_tokens", "max_model_len", "quantization", "kv_cache_dtype"),
            *("tool_call_parser", "prefix_cache_dir", "prefix_cache_bytes", "max_waiting", "dtype", "context"),
            *("batch", "contexts", "tokens", "rounds", "backend", "device", "n", "split", "budgets", "sets"),
        )
    },
}
_OF_OPTIONS = (
    "sampling-invalid",
    "option-invalid",
    "option-without-effect",
    "options-contradict",
    "speculation-invalid",
)
# `name=value` always means an option; a bare name does where it is no English word.
_IN_PYTHON = re.compile(
    rf"\b(?:(?P<set>{'|'.join(OPTIONS)})=(?P<quote>['\"]?)(?P<value>[\w{{}}.-]*[\w}}])(?P=quote)"
    rf"|(?P<bare>{'|'.join(name for name in OPTIONS if '_' in name)})\b)"
)

_IN_A_COMMAND: Mapping[str, str] = {
    "prompt-too-long": "Give a shorter text.",
    "prompt-too-large-for-memory": "Give a shorter text, or a smaller number after --max-tokens.",
    "thinking-no-room": "Give --max-tokens {needed} or more, or --no-think.",
    "thinking-unsupported": "Leave --think and --budget out.",
    "native-missing": "Install a C++17 compiler and install Yunqi again (`yunqi doctor` shows what is there), or leave "
    "--quantization or --backend out.",
    "native-unsupported": "Leave --quantization or --backend out.",
    "run-mismatch": "Choose another --out, or begin again with --fresh.",
    "tokenizer-missing": "Add tokenizer.json (or qwen.tiktoken) to the folder.",
}
_IN_A_CHAT: Mapping[str, str] = {
    **_IN_A_COMMAND,
    "prompt-too-long": "Ask something shorter, or forget what was said before with /reset.",
    "prompt-too-large-for-memory": "Ask something shorter, forget what was said before with /reset, or begin again "
    "with a smaller number after --max-tokens.",
    "thinking-no-room": "Answer at once with /no_think, or begin again with --max-tokens {needed} or more.",
    "thinking-unsupported": "Say /no_think and /budget off.",
}


def told(error: YunqiError, *, in_chat: bool = False) -> str:
    """The error as one line, in the words of a command, with a remedy that fits where the user is."""
    row, details = TABLE[error.code], error.details
    if error.code in _OF_OPTIONS:
        details = {name: _spelled(value) for name, value in details.items()}
    remedy = (_IN_A_CHAT if in_chat else _IN_A_COMMAND).get(error.code, _as_options(row.remedy))
    return " ".join(f"{_as_options(row.sentence)} {remedy}".format(**details).split())


def _spelled(value: object) -> object:
    return OPTIONS.get(value) or _as_options(value) if isinstance(value, str) else value


def _as_options(text: str) -> str:
    def option(found: re.Match[str]) -> str:
        return OPTIONS[found["bare"]] if found["bare"] else f"{OPTIONS[found['set']]} {found['value']}"

    return _IN_PYTHON.sub(option, text)
