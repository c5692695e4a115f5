"""ModelScope's own client, `modelscope-hub`, an extra: set up to keep to itself, its errors put in our words.

It reads `MODELSCOPE_ENDPOINT` and `MODELSCOPE_CACHE` itself. A token is taken from `MODELSCOPE_API_TOKEN` alone: the
login that it saves is a pickle, which Yunqi does not open. It is kept from sending and keeping an identifier of this
machine, and from asking which of its makers' data centres it runs in.
"""

from __future__ import annotations

import logging
import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yunqi.common.errors import YunqiError
from yunqi.hub.disk import disk_error
from yunqi.hub.places import modelscope_base

if TYPE_CHECKING:
    from modelscope_hub import HubApi

_VARIABLES = {"endpoint_variable": "MODELSCOPE_ENDPOINT", "token_variable": "MODELSCOPE_API_TOKEN"}
NO_HUB = "what it serves is not a hub's"
_SETTINGS = {
    "MODELSCOPE_DOWNLOAD_INTRA_CLOUD": "false",
    "MODELSCOPE_DOWNLOAD_TOTAL_TIMEOUT": str(7 * 24 * 3600),  # its hour a file is short for gigabytes on a slow line
    "MODELSCOPE_DOWNLOAD_MAX_RETRIES": "4",  # 14 seconds in all
    "MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "3",
    "MODELSCOPE_API_MAX_RETRIES": "3",
    "TQDM_DISABLE": "1",
}


@lru_cache(maxsize=1)
def client() -> HubApi:
    """The client's one entry. Raises `extra-missing` where it is not installed."""
    for variable, value in _SETTINGS.items():
        os.environ.setdefault(variable, value)  # read when the client is imported
    with warnings.catch_warnings(action="ignore"):  # of variables with older names
        try:
            from modelscope_hub import HubApi, HubConfig
        except ImportError as error:
            raise YunqiError(
                "extra-missing", what="Fetching from ModelScope", package="modelscope-hub", extra="modelscope"
            ) from error
        logging.getLogger("modelscope_hub").setLevel(logging.CRITICAL)

        class Config(HubConfig):
            def get_session_id(self) -> str:
                return uuid.uuid4().hex  # else it keeps one in the user's home and sends it every time

        return HubApi(Config(token=os.environ.get("MODELSCOPE_API_TOKEN", "")))


def endpoint() -> str:
    """The hub that the client talks to."""
    return client().legacy.endpoint


@contextmanager
def told_plainly(name: str) -> Iterator[None]:
    """Turn what the client raises about the model `name` into errors of ours.

    Raises:
        YunqiError: `pull-gated`, `pull-not-found`, `pull-connection`, `pull-refused`, `disk-full`,
            `directory-unwritable`.
    """
    client()
    import requests
    from modelscope_hub import errors

    try:
        yield
    except (errors.AuthenticationError, errors.PermissionDeniedError) as error:
        raise YunqiError("pull-gated", name=name, url=f"{endpoint()}/models/{name}", **_VARIABLES) from error
    except errors.NotExistError as error:
        raise YunqiError("pull-not-found", name=name, endpoint=endpoint(), **_VARIABLES) from error
    except errors.NetworkError as error:
        raise _connection_error(error) from error
    except errors.APIError as error:
        raise refused(name, f"it answered with status {error.status_code}") from error
    except (requests.exceptions.InvalidJSONError, errors.HubError) as error:
        raise refused(name, NO_HUB) from error
    except requests.RequestException as error:
        raise _connection_error(error) from error
    except OSError as error:
        if told := disk_error(error, modelscope_base()):
            raise told from error
        raise


def refused(name: str, reason: str) -> YunqiError:
    """`pull-refused` with the reason."""
    return YunqiError("pull-refused", endpoint=endpoint(), name=name, reason=reason, **_VARIABLES)


def _connection_error(error: BaseException) -> YunqiError:
    # The first cause says it best; the client's own words are partly Chinese.
    while error.__cause__ or error.__context__:
        cause: Any = error.__cause__ or error.__context__
        error = cause
    text = " ".join(str(error).split()).rstrip(".")[:200]
    reason = text if text and text.isascii() else type(error).__name__
    return YunqiError("pull-connection", endpoint=endpoint(), reason=reason, **_VARIABLES)
