"""What keeps an engine process in service, where this side fails: it is said, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import errno
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ClassVar

import pytest

from yunqi.common.errors import YunqiError
from yunqi.engine import child, supervisor
from yunqi.engine import messages as m
from yunqi.engine.child import Child
from yunqi.engine.script import Script
from yunqi.engine.supervisor import RestartPolicy, Supervisor

START = m.Start(script=Script(vocab_size=50))
READY = m.Ready(max_model_len=8, vocab_size=50)
PLACES = [(socket, "socketpair"), (asyncio, "open_connection")]


def no_descriptor(*arguments: Any, **more: Any) -> Any:
    raise OSError(errno.EMFILE, "Too many open files")


@pytest.mark.parametrize(("module", "name"), PLACES)
def test_a_start_without_a_free_descriptor_is_refused(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = child._popen

    def noted(descriptor: int) -> subprocess.Popen[bytes]:
        started.append(popen(descriptor))
        return started[-1]

    async def main() -> None:
        monkeypatch.setattr(module, name, no_descriptor)  # not before: the event loop needs one itself
        with pytest.raises(YunqiError, match="Too many open files") as caught:
            await Child.spawn(START)
        assert caught.value.code == "engine-start-failed"

    monkeypatch.setattr(child, "_popen", noted)
    asyncio.run(main())
    assert [process.returncode is not None for process in started] == [True] * (name == "open_connection")


def test_a_process_that_cannot_be_killed_is_left_alone() -> None:
    class Stuck:
        pid = 1
        killed = False

        def poll(self) -> None: ...

        def kill(self) -> None:
            self.killed = True

        def wait(self, seconds: float) -> int:
            raise subprocess.TimeoutExpired("engine", seconds)

    class Writer:
        def close(self) -> None: ...

    async def main() -> None:
        process: Any = Stuck()
        how = await Child(process, asyncio.StreamReader(), Writer()).end(0.0)  # pyright: ignore[reportArgumentType]
        assert process.killed
        assert "did not end" in how

    asyncio.run(main())


class Fake:
    """A child that is ready and dies at once. `fails[i]` is raised where child number i is spawned or ended."""

    pid = 1
    num_spawned = 0
    spawn_fails: ClassVar[dict[int, Exception]] = {}
    end_fails: ClassVar[dict[int, Exception]] = {}

    @classmethod
    async def spawn(cls, start: m.Start) -> Fake:
        cls.num_spawned += 1
        if error := cls.spawn_fails.get(cls.num_spawned):
            raise error
        return cls()

    async def messages(self) -> AsyncIterator[m.FromEngine]:
        yield READY

    async def end(self, seconds: float) -> str:
        if error := self.end_fails.get(self.num_spawned):
            raise error
        return "exit status 1"

    def kill(self) -> None: ...


def supervised(
    monkeypatch: pytest.MonkeyPatch, fake: type[Fake], work: Callable[[Supervisor], Coroutine[Any, Any, None]]
) -> list[str]:
    """The deaths that were told."""
    deaths: list[str] = []

    async def main() -> None:
        policy = RestartPolicy(max_fast_crashes=2, first_wait=0.0)
        kept = Supervisor(START, on_message=lambda message: None, on_death=deaths.append, policy=policy)
        try:
            await asyncio.wait_for(work(kept), 20)
        finally:
            await kept.close()

    monkeypatch.setattr(supervisor, "Child", fake)
    asyncio.run(main())
    return deaths


async def until_stopped(kept: Supervisor) -> str:
    """Starts it and waits for what is said in the end."""
    await kept.start()
    while True:
        try:
            await kept.ready(20)
        except YunqiError as error:
            if error.code != "engine-stopped":
                raise
            return error.sentence
        await asyncio.sleep(0)


def test_a_restart_without_a_free_descriptor_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Second(Fake):
        spawn_fails: ClassVar = {2: YunqiError("engine-start-failed", reason="Too many open files")}

    async def work(kept: Supervisor) -> None:
        assert "3 times in quick succession" in await until_stopped(kept)

    assert len(supervised(monkeypatch, Second, work)) == 3
    assert Second.num_spawned == 3


@pytest.mark.parametrize("where", ["spawn_fails", "end_fails"])
def test_a_mistake_of_ours_gives_the_engine_up_aloud(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    class Second(Fake): ...

    setattr(Second, where, {2: RuntimeError("can't start new thread")})

    async def work(kept: Supervisor) -> None:
        assert "can't start new thread" in await until_stopped(kept)

    assert "can't start new thread" in supervised(monkeypatch, Second, work)[-1]


@pytest.mark.parametrize("where", ["spawn_fails", "end_fails"])
def test_a_mistake_of_ours_at_the_first_start_is_raised(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    class First(Fake):
        async def messages(self) -> AsyncIterator[m.FromEngine]:
            return
            yield READY

    setattr(First, where, {1: RuntimeError("can't start new thread")})

    async def work(kept: Supervisor) -> None:
        with pytest.raises(YunqiError, match="can't start new thread"):
            await kept.start()

    supervised(monkeypatch, First, work)
