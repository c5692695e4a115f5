"""nano behind a real server and engine process, exact; a line on stdin is answered with the number of open tasks."""

from __future__ import annotations

import asyncio
import sys
import threading

from tests.serving import config
from yunqi.engine.remote import RemoteEngine
from yunqi.hub.resolve import resolve
from yunqi.server.run import listen, make_server


async def main() -> None:
    engine = RemoteEngine(str(resolve("nano")), name="nano", deterministic=True, kv_cache_memory_bytes=32_000_000)
    listener = listen("127.0.0.1", 0)
    server = make_server(engine, config(), listener, lambda address: print(address, flush=True))
    loop = asyncio.get_running_loop()

    def answer() -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(lambda: print(len(asyncio.all_tasks()), flush=True))
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)

    threading.Thread(target=answer, daemon=True).start()
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
