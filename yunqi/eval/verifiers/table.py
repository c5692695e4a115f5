"""THE table of verifiers: one row a skill. A verifier sees a problem's canonical form and what was answered.

Only the canonical form says what is right; the language says how a number, a weekday or a date may be spelled. A right
answer may be worded freely; of several numbers, dates or amounts that a text names, the last one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from yunqi.data.problems.problem import Problem
from yunqi.eval.verifiers.arithmetic import division, expression_value, word_problem
from yunqi.eval.verifiers.calls import tool_call
from yunqi.eval.verifiers.countdown import countdown
from yunqi.eval.verifiers.dates import dates
from yunqi.eval.verifiers.letters import letters
from yunqi.eval.verifiers.manners import declining, manners
from yunqi.eval.verifiers.objects import extraction
from yunqi.eval.verifiers.ordering import comparing, sorting
from yunqi.eval.verifiers.prices import prices
from yunqi.eval.verifiers.recall import recall
from yunqi.eval.verifiers.results import results
from yunqi.eval.verifiers.units import units
from yunqi.protocol.messages import ToolCall

TextVerifier = Callable[[Problem, str], bool]
Verifier = Callable[[Problem, str, Sequence[ToolCall]], bool]


def verify(problem: Problem, text: str, calls: Sequence[ToolCall] = ()) -> bool:
    """Whether `text`, the answer without its thought, and `calls` are right."""
    return VERIFIERS[problem.skill](problem, text, calls)


def said(verifier: TextVerifier) -> Verifier:
    """The verifier of a skill that is answered in words: to call a tool there is wrong."""
    return lambda problem, text, calls: not calls and verifier(problem, text)


VERIFIERS: Mapping[str, Verifier] = {
    "sums": said(expression_value),
    "products": said(expression_value),
    "quotients": said(division),
    "chains": said(expression_value),
    "follow_ups": said(expression_value),
    "words": said(word_problem),
    "prices": said(prices),
    "units": said(units),
    "comparing": said(comparing),
    "sorting": said(sorting),
    "letters": said(letters),
    "dates": said(dates),
    "countdown": said(countdown),
    "tools": tool_call,
    "unseen_tools": tool_call,
    "results": said(results),
    "extraction": said(extraction),
    "manners": said(manners),
    "declining": said(declining),
    "recall": said(recall),
}
