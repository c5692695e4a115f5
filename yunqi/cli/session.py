"""The state of a chat: what was said and how the next answer is to be made. It prints nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yunqi.cli.answer import Answer
from yunqi.cli.terminal import counted
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A question and what was said; it is not `whole` where it was stopped."""

    question: str
    answer: str
    reasoning: str
    whole: bool

    @property
    def messages(self) -> list[dict[str, Any]]:
        reply = {"role": "assistant", "content": self.answer, "reasoning_content": self.reasoning}
        return [{"role": "user", "content": self.question}, reply]

    @property
    def lines(self) -> str:
        """The turn for people."""
        return f"user: {self.question}\nassistant: {self.answer}{'' if self.whole else ' (stopped)'}"


@dataclass(kw_only=True, slots=True)
class ChatSession:
    """One conversation. `think` None leaves the choice to the model."""

    params: SamplingParams = field(default_factory=SamplingParams)
    think: bool | None = None
    budget: int | None = None
    system: str | None = None
    turns: list[Turn] = field(default_factory=list)
    ended: bool = False

    def messages(self, question: str) -> list[dict[str, Any]]:
        """The conversation with one more question."""
        opening = [{"role": "system", "content": self.system}] if self.system else []
        said = [message for turn in self.turns for message in turn.messages]
        return [*opening, *said, {"role": "user", "content": question}]

    def sampling(self) -> SamplingParams:
        """How the next answer is drawn."""
        from dataclasses import replace

        return replace(self.params, thinking_budget=self.budget)

    def record(self, question: str, answer: Answer, *, whole: bool = True) -> None:
        """Keep a turn. One that ended before the answer began is forgotten."""
        if answer.text:
            said, thought = answer.text.strip(), answer.reasoning.strip()
            self.turns.append(Turn(question=question, answer=said, reasoning=thought, whole=whole))

    def obey(self, line: str) -> tuple[str, str]:
        """Carry out a line that begins with a slash; returns what to tell the user and a question to ask, if any.

        Raises:
            YunqiError: `chat-command-unknown`, `chat-budget-invalid`.
        """
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        match word:
            case "/think" | "/no_think":
                self.think = word == "/think"
                return self._thinking_told(asked=bool(rest)), rest
            case "/budget":
                return self._set_budget(rest), ""
            case "/system":
                self.system = rest or None
                return "The system prompt is set." if rest else "The system prompt is removed.", ""
            case "/history":
                return "\n".join(turn.lines for turn in self.turns) or "Nothing yet.", ""
            case "/reset":
                self.turns.clear()
                return "The conversation is forgotten.", ""
            case "/help":
                return HELP, ""
            case "/quit" | "/exit":
                self.ended = True
                return "", ""
        raise YunqiError("chat-command-unknown", word=word)

    def _thinking_told(self, *, asked: bool) -> str:
        if self.think and self.budget == 0:
            return "The budget is 0, so there is still no thought: /budget off lifts it."
        return "" if asked else f"Thinking is {'on' if self.think else 'off'}."

    def _set_budget(self, value: str) -> str:
        if value == "off":
            self.budget = None
            return "The thinking budget is lifted."
        if not (value.isascii() and value.isdigit()) or len(value) > 9:
            raise YunqiError("chat-budget-invalid", value=value or "nothing")
        self.budget = int(value)
        if self.budget == 0:
            return "There are no more thoughts; /budget off brings them back."
        told = f"Thoughts end after {counted(self.budget, 'token')}."
        return f"{told} Thinking is off now: /think turns it on." if self.think is False else told
