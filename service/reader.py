"""Reads from the store in a few threads, so that a query never holds the event loop; bounded like the writer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from service.engine import reading
from service.errors import StoreBusyError, StoreUnavailableError

N_THREADS = 4
MAX_WAITING = 200
TIMEOUT_S = 20.0

Found = TypeVar("Found")


class Reader:
    """Runs queries; `stop` waits for those that run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="pilah-reader")
        self._n_waiting = 0

    async def read(self, query: Callable[[Connection], Found]) -> Found:
        """What ``query`` finds.

        Raises
        ------
        StoreBusyError, StoreUnavailableError
            Too many queries wait, or the store does not answer.
        """
        if self._n_waiting >= MAX_WAITING:
            raise StoreBusyError(f"{self._n_waiting} queries are waiting")
        self._n_waiting += 1
        try:
            running = asyncio.get_running_loop().run_in_executor(self._threads, self._run, query)
            return await asyncio.wait_for(running, TIMEOUT_S)
        except TimeoutError as error:
            raise StoreUnavailableError(f"no answer within {TIMEOUT_S:.0f} s") from error
        finally:
            self._n_waiting -= 1

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _run(self, query: Callable[[Connection], Found]) -> Found:
        with reading(self._engine) as connection:
            return query(connection)
