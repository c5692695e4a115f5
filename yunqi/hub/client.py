"""The Hugging Face client, an extra: imported when it is asked for, told to keep quiet, its errors put in our words.

Its telemetry is switched off. It reads `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from yunqi.common.errors import YunqiError
from yunqi.hub.disk import disk_error
from yunqi.hub.places import huggingface_root

_VARIABLES = {"endpoint_variable": "HF_ENDPOINT", "token_variable": "HF_TOKEN"}


def client() -> ModuleType:
    """The package `huggingface_hub`. Raises `extra-missing` where it is not installed."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        import huggingface_hub
    except ImportError as error:
        raise YunqiError("extra-missing", what="Fetching models", package="huggingface_hub", extra="pull") from error
    from huggingface_hub import constants
    from huggingface_hub.utils import disable_progress_bars, logging

    constants.HF_HUB_DISABLE_TELEMETRY = True  # where somebody imported it before us
    logging.set_verbosity_error()
    disable_progress_bars()
    return huggingface_hub


def has_client() -> bool:
    """Whether the client is installed."""
    try:
        client()
    except YunqiError:
        return False
    return True


def endpoint() -> str:
    """The hub that the client talks to."""
    client()
    from huggingface_hub import constants

    return constants.ENDPOINT


@contextmanager
def told_plainly(name: str) -> Iterator[None]:
    """Turn what the client raises about the model `name` into errors of ours.

    Raises:
        YunqiError: `pull-offline`, `pull-gated`, `pull-not-found`, `pull-connection`, `pull-refused`, `disk-full`,
            `directory-unwritable`.
    """
    client()
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise YunqiError("pull-offline") from error
    except errors.GatedRepoError as error:
        raise YunqiError("pull-gated", name=name, url=f"{endpoint()}/{name}", **_VARIABLES) from error
    except errors.RepositoryNotFoundError as error:
        raise YunqiError("pull-not-found", name=name, endpoint=endpoint(), **_VARIABLES) from error
    except errors.HFValidationError as error:
        raise YunqiError("model-name-invalid", name=name) from error
    except errors.HfHubHTTPError as error:
        raise refused(name, f"it answered with status {error.response.status_code}") from error
    except errors.LocalEntryNotFoundError as error:  # what the client makes of a connection that is gone
        raise connection_error(error.__cause__ or error) from error
    except (errors.EntryNotFoundError, errors.FileMetadataError) as error:
        raise refused(name, "what it serves is not a hub's") from error
    except httpx2.TransportError as error:
        raise connection_error(error) from error
    except OSError as error:
        if told := disk_error(error, huggingface_root()):
            raise told from error
        raise


def connection_error(error: BaseException) -> YunqiError:
    """`pull-connection` with the reason in one line."""
    reason = " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
    return YunqiError("pull-connection", endpoint=endpoint(), reason=reason, **_VARIABLES)


def refused(name: str, reason: str) -> YunqiError:
    """`pull-refused` with the reason."""
    return YunqiError("pull-refused", endpoint=endpoint(), name=name, reason=reason, **_VARIABLES)
