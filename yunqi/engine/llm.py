"""`LLM`: a model in the caller's process, with the names of vLLM's offline API.

llm = LLM("nano")
outputs = llm.chat([{"role": "user", "content": "What is 12 + 30?"}], SamplingParams(thinking_budget=64))
outputs[0].outputs[0].text, outputs[0].outputs[0].reasoning

Torch is imported when a checkpoint is loaded, not before: over another runner (`LLM.over`) this module needs none.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.progress import progress
from yunqi.engine.core import Engine, Runner
from yunqi.engine.intake import Intake, Prompt, as_prompts
from yunqi.engine.job import Job
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.speculation import SpeculativeConfig, Speculator
from yunqi.processing.chat import ChatRenderer, renderer_for
from yunqi.processing.chat.rendered import Mode
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.tool_format import check_format
from yunqi.protocol.events import Event
from yunqi.protocol.messages import Message, Tool
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

Conversation = Sequence[Message | Mapping[str, Any]]
Tools = Sequence[Tool | Mapping[str, Any]]
Speculative = str | Mapping[str, Any] | SpeculativeConfig | None
_SECONDS_BETWEEN_UPDATES = 0.2


class LLM:
    """A model and its engine.

    Args:
        model: a bundled model ("nano"), a hub name found on this machine, or a checkpoint folder.
        tokenizer: another folder to take the tokenizer from.
        dtype: "float32", "bfloat16" or "float16"; "auto" keeps what is stored, and takes float32 on a CPU without
            bfloat16 of its own.
        device: "cpu" or "cuda".
        backend: "auto" computes in the native core on a CPU, for every model it runs and where it is built, and with
            torch elsewhere; "native" insists on it, "torch" does without.
        quantization: "int8" or "int4" keeps all matrices in so many bits, in the native core; None: as stored.
        experts: where those of a mixture are kept: "auto" leaves them on the disk where memory does not hold the model,
            and says what that costs; "memory" loads them whatever happens, "disk" never does.
        deterministic: whether a row's bits depend on that row alone, whatever else is in the batch; None: yes on a CPU
            where it is cheap (`docs/exactness.md`). In the native core they always do.
        max_model_len: the longest sequence; None: what the model and the cache allow.
        max_num_seqs, max_num_batched_tokens: limits of one step.
        max_num_waiting: how many requests may wait for one; None: any number.
        block_size: tokens per block of cache.
        kv_cache_memory_bytes: bytes of cache; None: a quarter of the free memory at most.
        kv_cache_dtype: "auto" keeps keys and values as the model computes them; "int8", in the native core, in half of
            bfloat16's bytes, with a scale for each token and head.
        enable_prefix_caching: keep what was computed of a prompt or an answer for requests that begin alike.
        prefix_cache_dir: a folder that keeps it beyond this process; None: nothing is written. Loading then reads all
            weights once more, to name what belongs to them.
        prefix_cache_bytes: about how much that folder may hold.
        speculative: how to guess tokens that one step then verifies, which changes no token: "ngram", "mtp", or a
            mapping of `yunqi.engine.speculation.SpeculativeConfig`'s fields; None: not at all (`docs/speculation.md`).
        seed: seeds the requests that bring no seed of their own; None: different draws each time.
        tool_call_parser: how the model writes tool calls, "hermes" or "qwen3_coder"; None: as its chat template says.

    Loading sets torch's number of threads for the process: one for a small model, else all allowed cores.

    Raises:
        YunqiError: for a model that is not there or not readable, with what to do.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        tokenizer: str | Path | None = None,
        dtype: Any = "auto",
        device: str = "cpu",
        backend: str = "auto",
        quantization: str | None = None,
        experts: str = "auto",
        deterministic: bool | None = None,
        max_model_len: int | None = None,
        max_num_seqs: int = 64,
        max_num_batched_tokens: int = 512,
        max_num_waiting: int | None = None,
        block_size: int = 16,
        kv_cache_memory_bytes: int | None = None,
        kv_cache_dtype: str = "auto",
        enable_prefix_caching: bool = True,
        prefix_cache_dir: str | Path | None = None,
        prefix_cache_bytes: int = 8 << 30,
        speculative: Speculative = None,
        seed: int | None = None,
        tool_call_parser: str | None = None,
    ) -> None:
        if tool_call_parser is not None:
            check_format(tool_call_parser)
        from yunqi.engine.build import load

        loaded = load(
            model,
            tokenizer=tokenizer,
            dtype=dtype,
            device=device,
            backend=backend,
            quantization=quantization,
            experts=experts,
            deterministic=deterministic,
            max_model_len=max_model_len,
            max_num_seqs=max_num_seqs,
            max_num_batched_tokens=max_num_batched_tokens,
            block_size=block_size,
            kv_cache_memory_bytes=kv_cache_memory_bytes,
            kv_cache_dtype=kv_cache_dtype,
            speculative=SpeculativeConfig.of(speculative),
        )
        config = SchedulerConfig(
            max_num_batched_tokens=max_num_batched_tokens,
            max_num_seqs=max_num_seqs,
            max_num_waiting=max_num_waiting,
            enable_prefix_caching=enable_prefix_caching,
        )
        store = None if prefix_cache_dir is None else PrefixStore(prefix_cache_dir, prefix_cache_bytes)
        intake = loaded.intake(seed, tool_call_parser)
        self._set_up(loaded.runner, config, intake, store, loaded.speculator)

    @classmethod
    def over(
        cls,
        runner: Runner,
        *,
        tokenizer: Tokenizer | None = None,
        renderer: ChatRenderer | None = None,
        max_model_len: int | None = None,
        max_num_seqs: int = 64,
        max_num_batched_tokens: int = 512,
        max_num_waiting: int | None = None,
        enable_prefix_caching: bool = True,
        speculator: Speculator | None = None,
        seed: int | None = None,
    ) -> LLM:
        """An LLM over a runner of your own, such as `yunqi.engine.scripted.ScriptedRunner`."""
        llm = cls.__new__(cls)
        in_cache = runner.num_blocks * runner.block_size
        if tokenizer is not None and renderer is None:
            renderer = renderer_for(tokenizer)
        intake = Intake(
            tokenizer=tokenizer,
            renderer=renderer,
            max_model_len=min(max_model_len or in_cache, in_cache),
            seed=seed,
        )
        config = SchedulerConfig(
            max_num_batched_tokens=max_num_batched_tokens,
            max_num_seqs=max_num_seqs,
            max_num_waiting=max_num_waiting,
            enable_prefix_caching=enable_prefix_caching,
        )
        llm._set_up(runner, config, intake, speculator=speculator)
        return llm

    def _set_up(
        self,
        runner: Runner,
        config: SchedulerConfig,
        intake: Intake,
        store: PrefixStore | None = None,
        speculator: Speculator | None = None,
    ) -> None:
        self.engine = Engine(runner, config, store, speculator)
        if store is not None:
            weakref.finalize(self, store.close)  # at the latest when the process ends
        self.intake = intake
        self._owners: dict[Request, Job] = {}  # those that run
        self._lock = threading.RLock()  # callers in several threads share the steps
        self.last_output: RequestOutput | None = None

    @property
    def max_model_len(self) -> int:
        return self.intake.max_model_len

    @property
    def thinking_mode(self) -> Mode:
        """Whether the model thinks as it is told ("hybrid"), "always", or, as far as is known, not at all ("none")."""
        return self.intake.renderer.mode if self.intake.renderer is not None else "none"

    def get_tokenizer(self) -> Tokenizer:
        """The model's tokenizer. Raises `tokenizer-missing` where the checkpoint has none."""
        return self.intake.need_tokenizer()

    def generate(
        self,
        prompts: Prompt | Sequence[Prompt],
        sampling_params: SamplingParams | Sequence[SamplingParams] | None = None,
        *,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        """Continue each prompt: a text, token ids, or {"prompt": ...} / {"prompt_token_ids": ...}.

        One `SamplingParams` serves all prompts, or there is one for each. `use_tqdm` shows progress on stderr.
        """
        prompt_list = as_prompts(prompts)
        params = _for_each(sampling_params, len(prompt_list))
        jobs = [self.intake.prompt(p, s) for p, s in zip(prompt_list, params, strict=True)]
        return self._run(jobs, silent=not use_tqdm)

    def chat(
        self,
        messages: Conversation | Sequence[Conversation],
        sampling_params: SamplingParams | Sequence[SamplingParams] | None = None,
        *,
        tools: Tools | Sequence[Tools | None] | None = None,
        enable_thinking: bool | None = None,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        """Answer one conversation or a list of them.

        One list of `tools` serves all conversations, or there is one list for each. `enable_thinking=None` is the
        model's own habit; `SamplingParams.thinking_budget` bounds the thought.
        """
        conversations = _conversations(messages)
        count = len(conversations)
        options: dict[str, Any] = {
            "enable_thinking": enable_thinking,
            "add_generation_prompt": add_generation_prompt,
            "continue_final_message": continue_final_message,
        }
        each = zip(conversations, _for_each(sampling_params, count), _tools_of_each(tools, count), strict=True)
        jobs = [self.intake.conversation(c, params, tools=own, **options) for c, params, own in each]
        return self._run(jobs, silent=not use_tqdm)

    def generate_stream(self, prompt: Prompt, sampling_params: SamplingParams | None = None) -> Iterator[Event]:
        """Events of one continuation, as they come. Closing the iterator ends the request.

        `last_output` then holds the output of the stream that ended last.
        """
        return self._stream(self.intake.prompt(prompt, _one_answer(sampling_params)))

    def chat_stream(
        self,
        messages: Conversation,
        sampling_params: SamplingParams | None = None,
        *,
        tools: Sequence[Tool | Mapping[str, Any]] | None = None,
        enable_thinking: bool | None = None,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
    ) -> Iterator[Event]:
        """Events of one answer, as they come: thought, text, tool calls, the end."""
        job = self.intake.conversation(
            messages,
            _one_answer(sampling_params),
            tools=tools,
            enable_thinking=enable_thinking,
            add_generation_prompt=add_generation_prompt,
            continue_final_message=continue_final_message,
        )
        return self._stream(job)

    def _run(self, jobs: list[Job], *, silent: bool) -> list[RequestOutput]:
        with progress("Requests", total=len(jobs), silent=silent) as bar, closing(self._drive(jobs)) as steps:
            shown = time.monotonic()
            for _ in steps:
                if not silent and time.monotonic() - shown > _SECONDS_BETWEEN_UPDATES:  # counting thousands takes time
                    bar.update(sum(job.finished for job in jobs))
                    shown = time.monotonic()
            bar.update(len(jobs))
        return [job.output() for job in jobs]

    def _stream(self, job: Job) -> Iterator[Event]:
        try:
            with closing(self._drive([job])) as steps:
                for _ in steps:
                    yield from self._events_of(job)
            yield from self._events_of(job)  # another caller's steps may have ended it
        finally:
            self.last_output = job.output()

    def _drive(self, jobs: list[Job]) -> Generator[None]:
        """Run jobs to their end, step by step; whatever stops the caller ends what is left of them.

        Several drives may be open at once: a step serves them all, and each job keeps its own events.
        """
        try:
            for job in jobs:
                self._submit(job)
            left = list(jobs)
            while left:
                if left[-1].finished:
                    if error := left.pop().error:
                        raise error
                    continue
                failed = self._step()
                if error := next((job.error for job in jobs if job in failed), None) if failed else None:
                    raise error
                yield
        finally:
            with self._lock:
                for job in jobs:
                    job.abort(self.engine.finish)
                    for request in job.requests:
                        self._owners.pop(request, None)

    def _submit(self, job: Job) -> None:
        with self._lock:
            for request in job.requests:
                self.engine.add(request)
                self._owners[request] = job

    def _step(self) -> set[Job]:
        """A step for all who share it. One that fails is told to each job it ended, which are returned, whoever owns
        them; it is raised here where it ended none, and where it is no mistake but an interruption."""
        with self._lock:
            try:
                updates = self.engine.step()
            except BaseException as error:
                ended = {self._owners.pop(request) for request in list(self._owners) if request.finished}
                told = error if isinstance(error, Exception) else _interrupted(error)
                for job in ended:
                    job.error = job.error or told
                if not ended or told is not error:
                    raise
                return ended
            for update in updates:
                job = self._owners.get(update.request)
                if job is None:  # it fell with another answer of its job
                    continue
                try:
                    job.take(update, self.engine.finish)
                except Exception as error:
                    job.fail(error, self.engine.finish)
                    for request in job.requests:
                        self._owners.pop(request, None)
                if update.request.finished:
                    self._owners.pop(update.request, None)
            return set()

    def _events_of(self, job: Job) -> list[Event]:
        with self._lock:
            return [event for _, event in job.take_events()]


def _interrupted(error: BaseException) -> YunqiError:
    return YunqiError("computation-failed", reason=f"another caller's step was interrupted ({type(error).__name__})")


def _one_answer(params: SamplingParams | None) -> SamplingParams | None:
    if params is not None and params.n > 1:
        raise YunqiError("sampling-invalid", field="n", value=params.n, rule="A stream has one answer.")
    return params


def _conversations(messages: Any) -> list[Conversation]:
    if isinstance(messages, Sequence) and not isinstance(messages, str) and all(map(_is_list, messages)) and messages:
        return list(messages)
    return [messages]


def _tools_of_each(tools: Any, count: int) -> list[Any]:
    """The tools of each conversation: the same for all, or one list (or None) for each."""
    if not _is_list(tools) or not tools or not all(own is None or _is_list(own) for own in tools):
        return [tools] * count
    if len(tools) != count:
        rule = f"Give one list of tools, or one for each of the {count} conversations."
        raise YunqiError("option-invalid", option="tools", value=f"{len(tools)} lists", rule=rule)
    return list(tools)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _for_each(params: SamplingParams | Sequence[SamplingParams] | None, count: int) -> list[SamplingParams | None]:
    if params is None or isinstance(params, SamplingParams):
        return [params] * count
    several: list[Any] = list(params) if isinstance(params, Sequence) else [params]
    if len(several) != count or not all(isinstance(one, SamplingParams) for one in several):
        rule = f"Give one SamplingParams, or one for each of the {count} prompts."
        raise YunqiError("option-invalid", option="sampling_params", value=f"{len(several)} entries", rule=rule)
    return several
