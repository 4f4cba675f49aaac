"""Work that runs beside the requests of a service, each piece again and again until the service stops.

Knows only how to repeat; what is done is given. A piece that fails is told to the log, counted, and tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from service.logs import Log, describe_fault
from service.metrics import Metrics

MAX_PAUSE_S = 30.0
# Doubled more often, a pause is no number any more.
_MAX_DOUBLINGS = 16
_STOP_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Chore:
    """A piece of work: ``run`` does some of it and says whether more waits; else it rests ``pause_s`` seconds.

    ``close`` ends what ``run`` left running.
    """

    name: str
    pause_s: float
    run: Callable[[], Awaitable[bool]]
    close: Callable[[], Awaitable[None]] | None = None


class Background:
    """Runs chores as tasks of the event loop; start it once, stop it before the writer."""

    def __init__(self, chores: Iterable[Chore], log: Log, metrics: Metrics) -> None:
        self._chores = tuple(chores)
        self._log = log
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin all chores."""
        for chore in self._chores:
            self._metrics.expect_chore(chore.name)
        self._tasks = [asyncio.create_task(self._repeat(chore), name=chore.name) for chore in self._chores]

    async def stop(self) -> None:
        """End all chores where they wait."""
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # Python 3.11 loses a cancellation that comes with the outcome of `asyncio.wait_for`: then once more.
            _, pending = await asyncio.wait(pending, timeout=_STOP_PAUSE_S)

    async def _repeat(self, chore: Chore) -> None:
        n_failed = 0
        while True:
            try:
                has_more = await chore.run()
                n_failed = 0
            except Exception as error:  # noqa: BLE001  # whatever happens to one round, the next must come
                has_more = False
                n_failed += 1
                self._metrics.count_chore_failure(chore.name)
                self._log.error("chore failed", chore=chore.name, fault=describe_fault(error), n_failed=n_failed)
            if not has_more:
                doubled_s = chore.pause_s * 2 ** min(n_failed, _MAX_DOUBLINGS)
                await asyncio.sleep(min(doubled_s, max(MAX_PAUSE_S, chore.pause_s)))
