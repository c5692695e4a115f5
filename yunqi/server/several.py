"""Several prompts of one HTTP request, served together: the answers of prompt p are numbers p*n to p*n + n - 1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields, replace
from types import TracebackType

from yunqi.protocol.requests import Delta, Usage
from yunqi.server.exchange import Exchange


class Several:
    """Exchanges as one; the first error ends them all."""

    def __init__(self, request_id: str, exchanges: Sequence[Exchange]) -> None:
        self._id, self.exchanges = request_id, exchanges
        self.created = exchanges[0].created
        self._stack = AsyncExitStack()

    @property
    def id(self) -> str:
        return self._id

    @property
    def num_answers(self) -> int:
        return sum(exchange.num_answers for exchange in self.exchanges)

    @property
    def usage(self) -> Usage:
        each = [exchange.usage for exchange in self.exchanges]
        return Usage(**{f.name: sum(getattr(usage, f.name) for usage in each) for f in fields(Usage)})

    async def __aenter__(self) -> Several:
        try:
            for exchange in self.exchanges:
                await self._stack.enter_async_context(exchange)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def __aiter__(self) -> AsyncIterator[Delta]:
        merged: asyncio.Queue[Delta | Exception | None] = asyncio.Queue()
        pumps = [asyncio.create_task(self._pump(place, merged)) for place in range(len(self.exchanges))]
        left = len(pumps)
        try:
            while left:
                item = await merged.get()
                if isinstance(item, Exception):
                    raise item
                if item is None:
                    left -= 1
                else:
                    yield item
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, place: int, merged: asyncio.Queue[Delta | Exception | None]) -> None:
        exchange = self.exchanges[place]
        first = sum(other.num_answers for other in self.exchanges[:place])
        try:
            async for delta in exchange:
                merged.put_nowait(replace(delta, index=first + delta.index))
        except Exception as error:
            merged.put_nowait(error)
        else:
            merged.put_nowait(None)
