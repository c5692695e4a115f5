"""Errors that tell the user what to do next.

Every error a user can meet is a `YunqiError` with a code from `TABLE`: one sentence that says what is wrong and one
that says what to do. `YunqiError` is a `ValueError`, so Python callers need no import of ours; the command line prints
it as one line and exits with 2. `docs/errors.md` is generated from the table.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorRow(NamedTuple):
    """One row of the table: both texts are `str.format` templates over the keyword arguments of `YunqiError`."""

    sentence: str
    remedy: str


TABLE: dict[str, ErrorRow] = {}


def _row(code: str, sentence: str, remedy: str) -> None:
    assert code not in TABLE, code
    TABLE[code] = ErrorRow(sentence, remedy)


_row(
    "model-not-found",
    "There is no model '{name}' on this machine.",
    "`yunqi models` lists what is here, `yunqi pull {wanted}` fetches it; or give a directory, or put it in one of: "
    "{searched}.",
)
_row(
    "model-name-close",
    "There is no model '{name}' on this machine.",
    "Did you mean {near}? `yunqi models` lists what is here.",
)
_row(
    "model-name-invalid",
    "'{name}' is neither a directory nor a model name.",
    "Give a directory, a bundled name such as nano, or OWNER/NAME.",
)
_row("model-unreadable", "'{path}' cannot be read: {reason}.", "Check the path and its permissions.")
_row(
    "hardware-invalid",
    "The hardware in '{file}' cannot be used: {reason}.",
    'Write [[device]] with name = "...", memory_gb, bandwidth_gb_s and tflops; docs/plan.md has an example.',
)
_row("settings-invalid", "The settings in '{file}' cannot be used: {reason}.", "Correct or remove that file.")
_row(
    "model-directory-empty",
    "'{path}' holds no model: {missing} is missing.",
    "Point to the folder that holds config.json and the .safetensors files.",
)
_row(
    "model-not-a-directory", "'{path}' is not a directory.", "Give the folder of the checkpoint, not one of its files."
)
_row(
    "weights-pickle",
    "'{path}' holds pickled weights ({file}), which can run code when opened.",
    "Convert it once to safetensors with the tool that made it; Yunqi opens nothing else.",
)
_row(
    "weights-corrupt",
    "'{file}' is not a readable safetensors file: {reason}.",
    "Fetch the file again and compare its size with the source's.",
)
_row(
    "weights-missing-shard",
    "The checkpoint lacks the shard {file}, which its index names.",
    "Fetch that file into {path}.",
)
_row(
    "weights-missing",
    "The checkpoint lacks tensors of the model ({count}), first '{name}'.",
    "Check that config.json belongs to these weights.",
)
_row(
    "weights-unexpected",
    "The checkpoint holds tensors the model has no place for ({count}), first '{name}'.",
    "Check that config.json belongs to these weights.",
)
_row(
    "weights-shape",
    "Tensor '{name}' has shape {found}, the config asks for {wanted}.",
    "Check that config.json belongs to these weights.",
)
_row(
    "weights-missing-expert",
    "The checkpoint lacks expert {expert} of '{prefix}': there is no '{name}'.",
    "Fetch the file that holds it again, and check that config.json belongs to these weights.",
)
_row(
    "weights-experts",
    "The checkpoint holds {found} experts under '{name}', and their router chooses among {routed}.",
    "Fetch the checkpoint again: a router and its experts come from one model.",
)
_row("config-unreadable", "'{file}' is not valid JSON: {reason}.", "Fetch the file again.")
_row("config-contradiction", "The config contradicts itself: {reason}.", "Correct config.json or fetch it again.")
_row("config-unsupported", "The config asks for {feature}, which Yunqi does not run.", "Supported: {supported}.")
_row(
    "quantization-unsupported",
    "The checkpoint is quantised by {what}, which Yunqi does not read.",
    "Supported: {supported}. Or take the checkpoint that it was made from, and `yunqi quantize`.",
)
_row("quantized-already", "'{path}' is quantised already.", "Give the checkpoint that it was made from.")
_row("architecture-unknown", "The architecture '{name}' is not one Yunqi knows.", "Supported: {supported}.")
_row(
    "tokenizer-missing",
    "'{path}' has no tokenizer, so only token ids can be used.",
    "Pass token ids to `generate`, or add tokenizer.json (or qwen.tiktoken) to the folder.",
)
_row("tokenizer-unreadable", "'{file}' is not a usable tokenizer: {reason}.", "Fetch the file again.")
_row("speculation-invalid", "Speculation cannot be set up so: {reason}.", "{rule}")
_row(
    "prompt-too-long",
    "The prompt has {length} tokens; the context holds {limit}, one of them for the answer.",
    "Shorten the prompt, or raise max_model_len where the model allows it.",
)
_row(
    "prompt-invalid",
    "A {kind} is no prompt.",
    "Give a text, a list of token ids, or a mapping with 'prompt' or 'prompt_token_ids'.",
)
_row("prompt-empty", "The prompt is empty.", "Give it some text.")
_row(
    "prompt-too-large-for-memory",
    "The request needs {needed} blocks of cache; the engine has {available}.",
    "Raise kv_cache_memory_bytes or lower max_tokens.",
)
_row(
    "queue-full",
    "{waiting} requests are waiting already, and the queue holds no more.",
    "Send the request again in {seconds} s.",
)
_row(
    "token-out-of-range", "Token id {token} is outside the vocabulary of {size}.", "Use ids of this model's tokenizer."
)
_row("sampling-invalid", "{field}={value} is not valid.", "{rule}")
_row(
    "thinking-no-room",
    "max_tokens={max_tokens} leaves no room to think and answer: {needed} is the least.",
    "Raise max_tokens (and the context, where that is the limit) to at least {needed}, or switch thinking off.",
)
_row("thinking-unsupported", "This model has no thinking mode.", "Leave enable_thinking and thinking_budget out.")
_row("messages-invalid", "The conversation cannot be rendered: {reason}.", "{rule}")
_row(
    "template-failed",
    "The checkpoint's chat template failed: {reason}.",
    "Check the messages, or render the prompt yourself and call `generate`.",
)
_row("input-not-utf8", "The input is not UTF-8 text.", "Convert it, for example with iconv -t UTF-8.")
_row(
    "disk-full",
    "There is no room on the disk to write '{path}'.",
    "Free some space and run the command again; it resumes.",
)
_row("output-full", "The output could not be written: there is no room left.", "Send it somewhere else.")
_row("directory-unwritable", "'{path}' cannot be written: {reason}.", "Choose another folder, or set YUNQI_HOME.")
_row("folder-not-empty", "'{path}' is there and not empty.", "Choose another folder, or remove that one.")
_row(
    "run-mismatch",
    "'{path}' holds a run with other settings: {reason}.",
    "Choose another --out, or remove that folder to start afresh.",
)
_row(
    "disk-too-small",
    "Fetching '{name}' takes {needed} more, and {path} has {free} free.",
    "Free some space, or set {cache_variable} to a folder on another disk.",
)
_row(
    "memory-too-small",
    "'{name}' needs about {needed} of memory, and {available} are available.",
    "{advice}",
)
_row(
    "memory-too-small-layer",
    "'{name}' needs about {needed} of memory for what every token uses and the experts of one layer, and {available} "
    "are available.",
    "Close other programs, or choose a smaller model.{remedy}",
)
_row(
    "extra-missing",
    "{what} needs the package {package}, which is not installed.",
    'Install it with: pip install "yunqi[{extra}]".',
)
_row(
    "pull-not-found",
    "{endpoint} has no model '{name}', or keeps it private.",
    "Check the spelling of OWNER/NAME; for a private model set {token_variable} to a token that may read it.",
)
_row(
    "pull-gated",
    "'{name}' is gated: its owners ask who downloads it.",
    "Accept their terms at {url}, set {token_variable} to your token, and run the command again.",
)
_row(
    "pull-connection",
    "The connection to {endpoint} failed: {reason}.",
    "Run the same command again: it goes on where it stopped. {endpoint_variable} names another hub.",
)
_row(
    "pull-refused",
    "{endpoint} did not give '{name}': {reason}.",
    "Try again later, or name another hub by {endpoint_variable}.",
)
_row("pull-offline", "HF_HUB_OFFLINE is set, so nothing is fetched.", "Unset it and run the command again.")
_row(
    "pull-damaged",
    "'{file}' arrived damaged: its SHA-256 is not the one that the hub names.",
    "Run the same command again; the damaged file has been removed.",
)
_row("cache-unknown", "No cache holds '{name}'.", "`yunqi cache ls` lists what the caches hold.")
_row("cache-unconfirmed", "Nothing was deleted: there is nobody to ask.", "Add --yes to delete without a question.")
_row(
    "reference-failed",
    "transformers cannot load '{path}': {reason}.",
    "Check that the installed transformers knows this architecture.",
)
_row(
    "data-missing",
    "'{path}' is not there.",
    "Give --data the folder that holds gsm8k, math500, bfcl or cruxeval with their published files, and name in --sets "
    "only those that it holds.",
)
_row("data-unreadable", "{place} cannot be used: {reason}.", "Fetch or write that file again.")
_row(
    "server-unreachable",
    "'{url}' does not answer as a server of models: {reason}.",
    "Check the address, and the key in YUNQI_API_KEY.",
)
_row("option-invalid", "{option}={value} is not valid.", "{rule}")
_row(
    "native-missing",
    "The native core is not usable: {reason}.",
    "Install a C++17 compiler and install Yunqi again (`yunqi doctor` shows what is there), or use backend='torch'.",
)
_row(
    "native-memory",
    "The native core ran out of memory or threads.",
    "Close other programs, choose a smaller model, or lower max_num_batched_tokens or max_num_seqs.",
)
_row(
    "native-unsupported",
    "The native core cannot run {feature}.",
    "Use backend='torch' without quantization.",
)
_row("option-without-effect", "{option} has no effect without {other}.", "Add {other}, or leave {option} out.")
_row("options-contradict", "{first} and {second} contradict each other.", "{rule}")
_row(
    "chat-command-unknown",
    "A chat has no command {word}.",
    "/help lists the commands; a question begins without a slash.",
)
_row(
    "chat-budget-invalid",
    "/budget takes a whole number or off, not {value}.",
    "For example: /budget 64, or /budget off.",
)
_row(
    "engine-died",
    "The engine process ended while it worked on this request: {reason}.",
    "Send the request again: the engine is restarted by itself.",
)
_row(
    "engine-restarting",
    "The engine is being restarted after its process ended: {reason}.",
    "Send the request again in {seconds} s.",
)
_row(
    "engine-stopped",
    "The engine serves no requests any more: {reason}.",
    "Start the server again; its log says what went before.",
)
_row(
    "engine-start-failed",
    "The engine process could not start: {reason}.",
    "The log shows where; check the model, the memory and the installation by `yunqi doctor`.",
)
_row(
    "computation-failed",
    "The engine could not compute this request: {reason}.",
    "Send it again; if it fails again, the engine's log shows where.",
)
_row("engine-stopping", "The server is stopping and takes no more requests.", "Send the request again later.")
_row("model-not-served", "This server has no model '{name}'.", "It serves {served}.")
_row("tool-format-unknown", "No form of tool calls is called '{name}'.", "Name one of: {known}.")
_row("tool-choice-invalid", "The tool choice cannot be kept: {reason}.", "{rule}")
_row(
    "schema-unsupported",
    "The JSON schema of {whose} cannot be kept to: {reason}.",
    "Leave that out of the schema, or, for a tool, send strict: false: then any object may be its arguments.",
)
_row("script-invalid", "The script cannot be played: {reason}.", "See `yunqi.engine.script.Script`.")
_row("body-not-json", "The body is not JSON: {reason}.", "Send one JSON object as UTF-8.")
_row("body-too-large", "The body is larger than {limit} bytes.", "Send less, or raise --max-body-bytes.")
_row("body-slow", "The body did not arrive within {seconds:g} s.", "Send it again, or raise --body-timeout.")
_row("field-invalid", "{place} is not valid: {reason}.", "{rule}")
_row("field-unsupported", "{field} is not supported here.", "{rule}")
_row(
    "key-wrong",
    "The API key is missing or wrong.",
    "Send it as `Authorization: Bearer KEY` or as `x-api-key: KEY`.",
)
_row(
    "host-not-allowed",
    "This server has no API key and is not asked under the name '{name}'.",
    "Ask 127.0.0.1 or localhost, start the server with --allow-host and that name, or give it a key.",
)
_row(
    "origin-not-allowed",
    "This server has no API key and takes nothing from web pages of '{name}'.",
    "Start the server with --allow-host and that name, or give it a key.",
)
_row("key-unusable", "The API key from {source} cannot be used: {reason}.", "{rule}")
_row("route-unknown", "There is no {method} {path} here.", "GET /openapi.json lists what there is.")
_row(
    "signature-wrong",
    "A thinking block's signature does not belong to its text.",
    "Send thinking blocks back as this server wrote them, or leave them out.",
)
_row(
    "request-not-running",
    "No request '{request_id}' of yours is running.",
    "Use the id that the answer's first chunk carries, while it is still being written.",
)
_row(
    "request-id-taken",
    "The request id '{request_id}' is that of a request that is still running.",
    "Give another id, or none, or wait until that request has ended.",
)
_row(
    "address-needs-key",
    "Other machines can reach {host}, and there is no API key.",
    "Set YUNQI_API_KEY or --api-key-file, or listen on 127.0.0.1.",
)
_row("address-unusable", "{host}:{port} cannot be listened on: {reason}.", "Choose another --port or --host.")
_row("device-unavailable", "The device '{device}' is not available: {reason}.", "Use device='cpu'.")


class YunqiError(ValueError):
    """A mistake the user can put right: `code`, the `sentence` that says what is wrong and its `remedy`."""

    def __init__(self, code: str, **details: object) -> None:
        row = TABLE[code]
        self.code = code
        self.details = details
        self.sentence = row.sentence.format(**details)
        self.remedy = row.remedy.format(**details)
        super().__init__(f"{self.sentence} {self.remedy}")
