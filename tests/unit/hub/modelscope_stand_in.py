"""A stand-in for ModelScope: its addresses on 127.0.0.1; the store for large files is the other stand-in's."""

from __future__ import annotations

import hashlib
import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.hub.stand_in import LARGE, Hub, huggingface

TOKEN = "ms-right"


def modelscope(hub: Hub) -> type[BaseHTTPRequestHandler]:
    base: Any = huggingface(hub)

    class Handler(base):
        def _answer(self, *, body: bool) -> None:
            address = urlsplit(self.path)
            path, query = unquote(address.path).strip("/"), parse_qs(address.query)
            file = query.get("FilePath", [""])[0]
            hub.asked.append((self.command, f"{path}/{file}".strip("/"), self.headers.get("Range")))
            for key in ("Authorization", "Cookie"):
                if given := self.headers.get(key):
                    hub.tokens.append((path, given))
            parts = path.split("/")
            name = "/".join(parts[3:5])
            if parts[0] == "cdn":
                self._bytes(hub.models["/".join(parts[1:3])]["/".join(parts[3:])], body)
            elif parts[:3] not in (["api", "v1", "models"], ["openapi", "v1", "models"]) or name not in hub.models:
                self._say(404, {"Code": 10010205001, "Message": "模型不存在", "Success": False})
            elif name in hub.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._say(403, {"Code": 10010204003, "Message": "没有权限", "Success": False})
            elif parts[0] == "openapi":
                self._say(200, {"success": True, "data": {"id": name, "license": "Apache License 2.0"}})
            elif parts[5:] == ["repo", "files"]:
                files = [self._listed(file, data) for file, data in hub.models[name].items()]
                self._say(200, {"Code": 200, "Success": True, "Data": {"Files": files}})
            elif parts[5:] == ["repo"] and file in hub.models[name]:
                self._file(name, file, body)
            else:
                self._say(404, {"Code": 10990101004, "Message": "file does not exist", "Success": False})

        def _listed(self, file: str, data: bytes) -> dict[str, Any]:
            return {
                "Path": file,
                "Name": file.rpartition("/")[2],
                "Type": "blob",
                "Size": hub.claimed_sizes.get(file, len(data)),
                "Sha256": hashlib.sha256(data).hexdigest(),
                "CommittedDate": hub.committed.get(file, 1_700_000_000),
            }

        def _file(self, name: str, file: str, body: bool) -> None:
            if not file.endswith(LARGE):
                self._small(hub.models[name][file], {}, body)
                return
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{hub.port}/cdn/{name}/{file}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            data = json.dumps(answer).encode()
            self._small(data, {"Content-Type": "application/json"}, self.command == "GET", status)

    return Handler
