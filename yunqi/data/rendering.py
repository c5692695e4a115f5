"""Conversations as token ids, by the very renderer that serving uses, with the span the loss counts.

The prompt is what the engine would be given: for non-thinking it holds the empty thought. The loss counts what the
model writes after it, up to and with the end token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yunqi.data.conversations import Conversation
from yunqi.data.packing import Example
from yunqi.processing.chat.rendered import ChatRenderer
from yunqi.processing.chat.thoughts import STOP_SENTENCE
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import THINK_CLOSE, THINK_OPEN

LossOn = Literal["answer", "text"]


@dataclass(frozen=True, slots=True)
class ConversationEncoder:
    """Turns conversations into examples; `renderer` is the one that serves the trained model."""

    renderer: ChatRenderer
    tokenizer: Tokenizer

    def __call__(self, conversation: Conversation, loss_on: LossOn = "answer") -> Example:
        """The conversation as ids; `loss_on` "text" counts all its tokens, as in pretraining."""
        prompt, whole = self._render(conversation)
        assert whole[: len(prompt)] == prompt, "the prompt is no prefix of the conversation"
        # After the end token the format has a newline, which the model never has to write.
        end = len(whole) - 1
        assert whole[end - 1] == self.tokenizer.im_end_id, "the conversation does not end with the end token"
        if conversation.kept_thought is not None:
            return self._truncated(whole[:end], len(prompt), conversation.kept_thought)
        return Example(ids=tuple(whole), loss_start=len(prompt) if loss_on == "answer" else 1, loss_end=end)

    def _truncated(self, whole: list[int], prompt_len: int, kept: float) -> Example:
        """The conversation as a spent budget makes it: a part of the thought, the stop sentence, the answer."""
        encode = self.tokenizer.encode
        (open_id,), (close_id,) = encode(THINK_OPEN), encode(THINK_CLOSE)
        opened, closed = whole.index(open_id, prompt_len) + 1, whole.index(close_id, prompt_len)
        cut = opened + int(kept * (closed - opened))
        answer = encode(self.tokenizer.decode(whole[closed + 1 :], skip_special_tokens=False).lstrip("\n"))
        start = [*whole[:cut], *encode(STOP_SENTENCE)]
        return Example(ids=(*start, *answer), loss_start=len(start), loss_end=len(start) + len(answer))

    def text(self, conversation: Conversation) -> str:
        """The whole conversation as text, for training a tokenizer."""
        options = {"tools": conversation.tools, "add_generation_prompt": False}
        return self.renderer.render(conversation.messages, **options).text

    def _render(self, conversation: Conversation) -> tuple[list[int], list[int]]:
        tools, messages = conversation.tools, conversation.messages
        prompt = self.renderer.render(messages[:-1], tools=tools, enable_thinking=conversation.enable_thinking)
        whole = self.renderer.render(messages, tools=tools, add_generation_prompt=False)
        return prompt.token_ids, whole.token_ids
