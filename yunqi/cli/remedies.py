"""What to do about an error, in the words of the command line: the table of errors speaks to Python callers, too."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.common.errors import YunqiError

_IN_A_COMMAND: Mapping[str, str] = {
    "prompt-too-long": "Give a shorter text.",
    "prompt-too-large-for-memory": "Give a shorter text, or a smaller number after --max-tokens.",
    "thinking-no-room": "Give --max-tokens {needed} or more, or --no-think.",
    "thinking-unsupported": "Leave --think and --budget out.",
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
    """The error as one line, with a remedy that fits where the user is."""
    remedies = _IN_A_CHAT if in_chat else _IN_A_COMMAND
    remedy = remedies[error.code].format(**error.details) if error.code in remedies else error.remedy
    return " ".join(f"{error.sentence} {remedy}".split())
