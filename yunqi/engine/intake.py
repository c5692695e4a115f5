"""What a caller asks -> requests the engine can run: rendering, tokenizing, defaults, limits, thinking."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from numbers import Integral
from typing import Any, Literal

from yunqi.common.errors import YunqiError
from yunqi.engine.grammar import GrammarControl, GrammarPlan, Grammars, grammar_plan
from yunqi.engine.job import Job
from yunqi.engine.length import refuse_hopeless, texts_of
from yunqi.engine.output import OutputProcessor, PlainReader, Reader
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.engine.thinking import Start, ThinkingControl, ThinkingTokens, room_to_think
from yunqi.engine.thinking_plan import ThinkingPlan, thinking_tokens
from yunqi.engine.tool_forcing import ToolForcing, ToolPlan, tool_plan
from yunqi.processing.chat import ChatRenderer, Rendered
from yunqi.processing.defaults import sampling_defaults
from yunqi.processing.stream import StreamMachine
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.tool_format import check_format
from yunqi.protocol.messages import Message, Tool, as_messages, as_tools
from yunqi.protocol.output import RequestMetrics
from yunqi.protocol.requests import ToolChoice
from yunqi.protocol.sampling import SamplingParams

_FREE = ToolChoice()
Prompt = str | Sequence[int] | Mapping[str, Any]


def as_prompts(prompts: Any) -> list[Prompt]:
    """One prompt or several, as a list. Arrays and tensors of token ids are taken too."""
    prompts = prompts.tolist() if hasattr(prompts, "tolist") else prompts
    if isinstance(prompts, str | Mapping):
        return [prompts]
    if isinstance(prompts, bytes) or not isinstance(prompts, Iterable):
        raise _no_prompt(prompts)
    several = list(prompts)
    return [several] if several and isinstance(several[0], Integral) else several


def as_token_ids(prompt: Any) -> list[int]:
    """Token ids as plain integers. Raises `prompt-invalid` for anything else."""
    prompt = prompt.tolist() if hasattr(prompt, "tolist") else prompt
    if isinstance(prompt, str | bytes) or not isinstance(prompt, Iterable):
        raise _no_prompt(prompt)
    ids = list(prompt)
    for token in ids:
        if isinstance(token, bool) or not isinstance(token, Integral):
            raise _no_prompt(token)
    return [int(token) for token in ids]


def _no_prompt(value: object) -> YunqiError:
    return YunqiError("prompt-invalid", kind=type(value).__name__)


class Intake:
    """Makes jobs for one model. Without a tokenizer only token ids are taken.

    `tool_format` says how the model writes calls where its chat format does not say, or says it wrongly.
    """

    def __init__(
        self,
        *,
        tokenizer: Tokenizer | None,
        renderer: ChatRenderer | None,
        max_model_len: int,
        seed: int | None = None,
        eos_ids: Iterable[int] | None = None,
        generation_config: Mapping[str, Any] | None = None,
        name: str = "this model",
        tool_format: str | None = None,
    ) -> None:
        self.tokenizer, self.renderer = tokenizer, renderer
        known = tokenizer.eos_ids if tokenizer and eos_ids is None else eos_ids
        self.eos_ids = frozenset(known or ())
        self.max_model_len = max_model_len
        self.generation_config = generation_config
        self.name = name
        said = renderer.tool_format if renderer is not None else "hermes"
        self.tool_format = check_format(said if tool_format is None else tool_format)
        self._seed = seed
        self._numbers = itertools.count()

    def need_tokenizer(self) -> Tokenizer:
        if self.tokenizer is None:
            raise YunqiError("tokenizer-missing", path=self.name)
        return self.tokenizer

    def prompt(self, prompt: Prompt, params: SamplingParams | None) -> Job:
        """A job that continues a text or token ids. Thinking is followed only where a budget is asked for."""
        params = params or SamplingParams()
        text, ids = self._ids(prompt)
        if params.thinking_budget and self._thinking_tokens is None:
            raise YunqiError("thinking-unsupported")
        start = self._thinking_start(ids)
        followed = params.thinking_budget is not None or (params.structured_outputs is not None and start == "open")
        thinking = start if followed else None
        return self._job(text, ids, params, thinking, thinks=start == "open", reader="plain")

    def conversation(
        self,
        messages: Sequence[Message | Mapping[str, Any]],
        params: SamplingParams | None,
        *,
        tools: Sequence[Tool | Mapping[str, Any]] | None = None,
        enable_thinking: bool | None = None,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
        preserve_thinking: bool = False,
        tool_choice: ToolChoice = _FREE,
    ) -> Job:
        """A job that answers a conversation. `preserve_thinking` keeps the thoughts of earlier turns in the prompt."""
        params = params or SamplingParams()
        if continue_final_message and params.structured_outputs is not None:
            first, second = "a last message to be continued", "structured outputs"
            raise YunqiError("options-contradict", first=first, second=second, rule="Leave one of them out.")
        tools = () if tool_choice.mode == "none" else as_tools(tools)
        rendered, params = self.render(
            messages,
            params,
            tools=tools,
            enable_thinking=enable_thinking,
            add_generation_prompt=add_generation_prompt,
            continue_final_message=continue_final_message,
            preserve_thinking=preserve_thinking,
        )
        thinks = rendered.thinking != "off" and rendered.soft_switch != "no_think"
        reader = "chat with tools" if tools else "chat"
        return self._job(
            rendered.text,
            rendered.token_ids,
            params,
            rendered.thinking,
            thinks=thinks,
            reader=reader,
            stable_lengths=rendered.stable_lengths,
            tools=tools,
            tool_choice=tool_choice,
        )

    def render(
        self,
        messages: Sequence[Message | Mapping[str, Any]],
        params: SamplingParams,
        *,
        tools: Sequence[Tool | Mapping[str, Any]] | None = None,
        enable_thinking: bool | None = None,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
        preserve_thinking: bool = False,
    ) -> tuple[Rendered, SamplingParams]:
        """The prompt of a conversation, and the parameters as the thinking switch changes them.

        Raises `prompt-too-long` at once where no context would hold it; else its length is the caller's to check.
        """
        renderer = self._need_renderer()
        if renderer.mode == "none" and (enable_thinking or params.thinking_budget):
            raise YunqiError("thinking-unsupported")
        if params.thinking_budget == 0 and renderer.mode == "hybrid":
            enable_thinking = False
        if enable_thinking is False and renderer.mode == "always":
            params = replace(params, thinking_budget=0)
        messages = as_messages(messages)
        refuse_hopeless(texts_of(messages), self.tokenizer, self.max_model_len)
        rendered = renderer.render(
            messages,
            tools=as_tools(tools),
            enable_thinking=enable_thinking,
            add_generation_prompt=add_generation_prompt and not continue_final_message,
            continue_final_message=continue_final_message,
            preserve_thinking=preserve_thinking,
        )
        return rendered, params

    def _need_renderer(self) -> ChatRenderer:
        self.need_tokenizer()
        if self.renderer is None:
            rule = "Use `generate` with a prompt of your own."
            raise YunqiError("messages-invalid", reason=f"{self.name} has no chat template", rule=rule)
        return self.renderer

    def _ids(self, prompt: Prompt) -> tuple[str | None, list[int]]:
        if isinstance(prompt, Mapping):
            ids = prompt.get("prompt_token_ids")
            prompt = prompt.get("prompt", ()) if ids is None else ids
        if isinstance(prompt, str):
            tokenizer = self.need_tokenizer()
            refuse_hopeless([prompt], tokenizer, self.max_model_len)
            return prompt, tokenizer.encode(prompt)
        return None, as_token_ids(prompt)

    def _job(
        self,
        text: str | None,
        ids: list[int],
        params: SamplingParams,
        thinking: Start | None,
        *,
        thinks: bool,
        reader: Literal["plain", "chat", "chat with tools"],
        stable_lengths: tuple[int, ...] = (),
        tools: tuple[Tool, ...] = (),
        tool_choice: ToolChoice = _FREE,
    ) -> Job:
        stop = self._stop_rules(ids, params)
        number = next(self._numbers)
        drawing = self._drawing(params, self._seed_of(params, number), thinks=thinks)
        plan = self._plan(thinking, params, stop, thinks=thinks, tools=reader == "chat with tools")
        calls = self._call_plan(tool_choice, tools, plan)
        grammar = self._grammar_plan(params, tool_choice, tools, plan)
        requests, processors = [], []
        for index in range(params.n):
            request = Request(
                request_id=f"request-{number}-{index}",
                prompt_len=len(ids),
                token_ids=list(ids),
                drawing=replace(drawing, answer=index),
                stop=stop,
                metrics=RequestMetrics(arrival_time=time.monotonic()),
                thinking=self._control(plan, stop),
                forcing=None if calls is None else ToolForcing(calls),
                grammar=None if grammar is None else GrammarControl(grammar, self._grammars),
                prompt_logprobs=params.prompt_logprobs if index == 0 else None,
                stable_lengths=stable_lengths,
            )
            requests.append(request)
            max_calls = None if tool_choice.parallel else 1
            made = self._processor(request, index, params, thinking or "off", reader, max_calls, tools)
            processors.append(made)
        return Job(
            request_id=f"request-{number}",
            prompt=text,
            requests=tuple(requests),
            processors=tuple(processors),
            thinking=plan,
            calls=calls,
            grammar=grammar,
        )

    def _stop_rules(self, ids: list[int], params: SamplingParams) -> StopRules:
        if not ids:
            raise YunqiError("prompt-empty")
        if params.stop:
            self.need_tokenizer()
        room = self.max_model_len - len(ids)
        if room < 1:
            raise YunqiError("prompt-too-long", length=len(ids), limit=self.max_model_len)
        return StopRules(
            max_tokens=min(params.max_tokens or self._usual_max_tokens() or room, room),
            min_tokens=min(params.min_tokens, room),
            eos_ids=frozenset() if params.ignore_eos else self.eos_ids,
            stop_ids=frozenset(params.stop_token_ids),
        )

    def _usual_max_tokens(self) -> int | None:
        """What the checkpoint's generation config allows an answer, where it says so."""
        usual = (self.generation_config or {}).get("max_new_tokens")
        return usual if isinstance(usual, int) and not isinstance(usual, bool) and usual > 0 else None

    def _seed_of(self, params: SamplingParams, number: int) -> int:
        """The request's own seed; else one made of the engine's and the request's number; else a random one."""
        if params.seed is not None:
            return params.seed
        if self._seed is None:
            return secrets.randbits(63)
        return int.from_bytes(blake2b(f"{self._seed} {number}".encode(), digest_size=8).digest(), "big")

    def _drawing(self, params: SamplingParams, seed: int, *, thinks: bool) -> Drawing:
        defaults = sampling_defaults(self.renderer, self.generation_config, thinking=thinks)

        def value(name: str) -> Any:
            given = getattr(params, name)
            return getattr(defaults, name) if given is None else given

        names = ("temperature", "top_p", "top_k", "min_p")
        penalties = ("repetition_penalty", "presence_penalty", "frequency_penalty")
        return Drawing(
            seed=seed,
            logit_bias=tuple(params.logit_bias.items()),
            logprobs=params.logprobs,
            **{name: value(name) for name in names + penalties},
        )

    def _plan(
        self, start: Start | None, params: SamplingParams, stop: StopRules, *, thinks: bool, tools: bool
    ) -> ThinkingPlan | None:
        tokens = self._thinking_tokens
        if start is None or tokens is None:
            return None
        if start == "auto" and not thinks and room_to_think(stop.max_tokens, len(tokens.sentence)) < 0:
            return None  # the user asked for no thought: there is nothing to make room for
        return ThinkingPlan(start=start, budget=params.thinking_budget, tools=tools)

    def _call_plan(self, choice: ToolChoice, tools: tuple[Tool, ...], plan: ThinkingPlan | None) -> ToolPlan | None:
        if choice.mode != "required":
            return None
        opens = plan is not None and plan.start == "auto"
        return tool_plan(choice, tools, self.need_tokenizer(), opens_thought=opens, tool_format=self.tool_format)

    def _grammar_plan(
        self, params: SamplingParams, choice: ToolChoice, tools: tuple[Tool, ...], plan: ThinkingPlan | None
    ) -> GrammarPlan | None:
        wanted = params.structured_outputs
        if wanted is None and not tools:
            return None
        opens = plan is not None and plan.start == "auto"
        schema = None if wanted is None else wanted.schema
        return grammar_plan(
            schema, choice, tools, self.need_tokenizer(), opens_thought=opens, tool_format=self.tool_format
        )

    def _control(self, plan: ThinkingPlan | None, stop: StopRules) -> ThinkingControl | None:
        tokens = self._thinking_tokens
        return plan.control(tokens, stop, self.need_tokenizer()) if plan and tokens else None

    @cached_property
    def _grammars(self) -> Grammars:
        return Grammars(self.need_tokenizer())

    @cached_property
    def _thinking_tokens(self) -> ThinkingTokens | None:
        return thinking_tokens(self.tokenizer)

    def _thinking_start(self, ids: Sequence[int]) -> Start:
        """Where a raw prompt leaves the model: in a thought, or free to open one."""
        tokens = self._thinking_tokens
        if tokens is None:
            return "auto"
        last = next((i for i in reversed(ids) if i in (tokens.open_id, tokens.close_id)), None)
        return "open" if last == tokens.open_id else "auto"

    def _processor(
        self,
        request: Request,
        index: int,
        params: SamplingParams,
        thinking: Start,
        kind: str,
        max_calls: int | None,
        tools: tuple[Tool, ...],
    ) -> OutputProcessor:
        reader: Reader | None = None
        if self.tokenizer is not None and kind == "plain":
            reader = PlainReader(self.tokenizer, skip_special_tokens=params.skip_special_tokens)
        elif self.tokenizer is not None:
            reader = StreamMachine(
                self.tokenizer,
                thinking=thinking,
                tools=kind == "chat with tools",
                tool_format=self.tool_format,
                functions=tools,
                skip_special_tokens=params.skip_special_tokens,
            )
        return OutputProcessor(
            request,
            reader,
            index=index,
            stop=tuple(params.stop),
            include_stop=params.include_stop_str_in_output,
            tokenizer=self.tokenizer,
            max_calls=max_calls,
        )
