"""The state of a chat: what was said and how the next answer is to be made. It prints nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yunqi.cli.answer import Answer
from yunqi.common.errors import YunqiError
from yunqi.protocol.sampling import SamplingParams

HELP = """\
/think [QUESTION]     think before answering from now on
/no_think [QUESTION]  answer at once from now on
/budget N             think at most N tokens; /budget off lifts the limit
/system TEXT          what the model is told first; /system alone removes it
/history              show the conversation
/reset                forget the conversation
/help                 show this
/quit                 leave, as Ctrl-D does; Ctrl-C stops an answer"""


@dataclass(kw_only=True, slots=True)
class ChatSession:
    """One conversation. `think` None leaves the choice to the model."""

    params: SamplingParams = field(default_factory=SamplingParams)
    think: bool | None = None
    budget: int | None = None
    system: str | None = None
    turns: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False

    def messages(self, question: str) -> list[dict[str, Any]]:
        """The conversation with one more question."""
        opening = [{"role": "system", "content": self.system}] if self.system else []
        return [*opening, *self.turns, {"role": "user", "content": question}]

    def sampling(self) -> SamplingParams:
        """How the next answer is drawn."""
        from dataclasses import replace

        return replace(self.params, thinking_budget=self.budget)

    def record(self, question: str, answer: Answer) -> None:
        """Keep a turn. One that was stopped before the answer began is forgotten."""
        if answer.text:
            reply = {"role": "assistant", "content": answer.text.strip(), "reasoning_content": answer.reasoning.strip()}
            self.turns += [{"role": "user", "content": question}, reply]

    def obey(self, line: str) -> tuple[str, str]:
        """Carry out a line that begins with a slash; returns what to tell the user and a question to ask, if any.

        Raises:
            YunqiError: `option-invalid` for a command that is none or a number that is none.
        """
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        match word:
            case "/think" | "/no_think":
                self.think = word == "/think"
                return "" if rest else f"Thinking is {'on' if self.think else 'off'}.", rest
            case "/budget":
                return self._set_budget(rest), ""
            case "/system":
                self.system = rest or None
                return "The system prompt is set." if rest else "The system prompt is removed.", ""
            case "/history":
                return "\n".join(f"{turn['role']}: {turn['content']}" for turn in self.turns) or "Nothing yet.", ""
            case "/reset":
                self.turns.clear()
                return "The conversation is forgotten.", ""
            case "/help":
                return HELP, ""
            case "/quit" | "/exit":
                self.ended = True
                return "", ""
        raise YunqiError("option-invalid", option="command", value=word, rule="/help lists the commands.")

    def _set_budget(self, value: str) -> str:
        if value == "off":
            self.budget = None
            return "The thinking budget is lifted."
        if not (value.isascii() and value.isdigit()) or len(value) > 9:
            rule = "It is a whole number, or off."
            raise YunqiError("option-invalid", option="/budget", value=value or "nothing", rule=rule)
        self.budget = int(value)
        return f"Thoughts end after {self.budget} tokens."
