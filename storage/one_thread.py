"""A whole transaction in another thread.

To hand single statements over takes as long as most of them take here.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Engine, ScalarResult
from sqlalchemy.ext.asyncio import AsyncConnection

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Coroutine[Any, Any, Result]]
"""What is done in a transaction."""


class OneThread:
    """Transactions of an engine that waits, one after the other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "transactions")
        self._connection: Connection | None = None

    async def run(self, work: Work[Result]) -> Result:
        """Do the work, which awaits nothing but its connection; then it is committed."""
        loop = asyncio.get_running_loop()
        doing = loop.run_in_executor(self._thread, self._done, work)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait({doing})  # it isn't cancelled with who waits for it
            raise

    def _done(self, work: Work[Result]) -> Result:
        if self._connection is None:  # kept: to lend it anew costs as much as a statement
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                return _result(work(cast("AsyncConnection", _Here(self._connection))))
        except BaseException:
            self._leave()
            raise

    def _leave(self) -> None:
        kept, self._connection = self._connection, None
        if kept is not None:
            kept.close()  # which rolls back what a failed commit has left

    def close(self) -> None:
        self._thread.shutdown()
        self._leave()
        self._engine.dispose()


def _result(steps: Coroutine[Any, Any, Result]) -> Result:
    try:
        steps.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise RuntimeError("it waits for something that isn't its connection")


class _Here:
    """A connection of this thread, as storage asks one: what is awaited is there already."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, *statement: Any) -> CursorResult[Any]:
        return self._connection.execute(*statement)

    async def scalar(self, *statement: Any) -> Any:
        return self._connection.scalar(*statement)

    async def scalars(self, *statement: Any) -> ScalarResult[Any]:
        return self._connection.scalars(*statement)
