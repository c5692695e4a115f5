"""A stand-in for a model hub: the few addresses that the real client asks for, on 127.0.0.1 alone.

As on the real one, large files are redirected to another host, which serves ranges; small files are served directly.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class Hub:
    """What it serves and how badly. `asked` logs (method, path, Range)."""

    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    claimed_sizes: dict[str, int] = field(default_factory=dict)
    committed: dict[str, float] = field(default_factory=dict)  # when a file was changed last
    pause: float = 0.0  # seconds between pieces of 64 kB
    cut_after: int | None = None  # bytes of large files after which every connection breaks
    spoilt: bool = False
    ranges: bool = True
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    tokens: list[tuple[str, str]] = field(default_factory=list)  # (path, token) of requests that brought one
    port: int = 0
    sent: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ranges_asked(self) -> list[str]:
        return [r for _, _, r in self.asked if r]


@contextmanager
def running(hub: Hub, handler: Callable[[Hub], type[BaseHTTPRequestHandler]] | None = None) -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), (handler or huggingface)(hub))
    server.daemon_threads = True
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def huggingface(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            path = unquote(self.path.partition("?")[0]).strip("/")
            hub.asked.append((self.command, path, self.headers.get("Range")))
            if given := self.headers.get("Authorization"):
                hub.tokens.append((path, given))
            parts = path.split("/")
            if parts[:2] == ["api", "models"] and len(parts) >= 4:
                self._info("/".join(parts[2:4]), body)
            elif parts[0] == "cdn":
                self._bytes(hub.models["/".join(parts[1:3])]["/".join(parts[3:])], body)
            elif len(parts) >= 5 and parts[2] == "resolve":
                self._resolve("/".join(parts[:2]), "/".join(parts[4:]), body)
            else:
                self._refuse(404, "NotHere")

        def _info(self, name: str, body: bool) -> None:
            if name not in hub.models:
                self._refuse(401, "RepoNotFound")
                return
            siblings = [self._sibling(file, data) for file, data in hub.models[name].items()]
            info = {"id": name, "sha": COMMIT, "tags": ["license:apache-2.0"], "siblings": siblings, "private": False}
            self._small(json.dumps(info).encode(), {"Content-Type": "application/json"}, body)

        def _sibling(self, file: str, data: bytes) -> dict[str, Any]:
            size = hub.claimed_sizes.get(file, len(data))
            entry: dict[str, Any] = {"rfilename": file, "size": size, "blobId": hashlib.sha1(data).hexdigest()}
            if file.endswith(LARGE):
                entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 130}
            return entry

        def _resolve(self, name: str, file: str, body: bool) -> None:
            data = hub.models.get(name, {}).get(file)
            if name in hub.gated and self.headers.get("Authorization") != "Bearer hf_right":
                self._refuse(403, "GatedRepo")
            elif data is None:
                self._refuse(404, "EntryNotFound" if name in hub.models else "RepoNotFound")
            elif file.endswith(LARGE):
                self.send_response(302)
                # Another host by name, so that the client takes it for the store behind the hub.
                self.send_header("Location", f"http://localhost:{hub.port}/cdn/{name}/{file}")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("X-Linked-Etag", f'"{hashlib.sha256(data).hexdigest()}"')
                self.send_header("X-Linked-Size", str(hub.claimed_sizes.get(file, len(data))))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._small(data, {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": COMMIT}, body)

        def _refuse(self, status: int, code: str) -> None:
            self._small(b"{}", {"X-Error-Code": code, "X-Error-Message": code}, self.command == "GET", status)

        def _small(self, data: bytes, headers: dict[str, str], body: bool, status: int = 200) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)

        def _bytes(self, data: bytes, body: bool) -> None:
            given = self.headers.get("Range") if hub.ranges else None
            start = int(given.removeprefix("bytes=").rstrip("-")) if given else 0
            self.send_response(206 if given else 200)
            if given:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            if body:
                self._pieces(bytes(len(data)) if hub.spoilt else data, start)

        def _pieces(self, data: bytes, start: int) -> None:
            for i in range(start, len(data), 65_536):
                if hub.cut_after is not None and hub.sent >= hub.cut_after:
                    self.close_connection = True
                    return
                try:
                    self.wfile.write(data[i : i + 65_536])
                    self.wfile.flush()
                except OSError:
                    return
                hub.sent += len(data[i : i + 65_536])
                if hub.pause:
                    time.sleep(hub.pause)

    return Handler
