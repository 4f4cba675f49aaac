"""Writes to the store from one thread that commits many waiting jobs at once (group commit).

A job is answered after the commit that holds it. The queue is bounded: when it is full a caller is refused at once.
What a job does is the function given with it; what it records goes to the ledger in the same commit, in the one chain
of this writer.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine

from service.engine import writing
from service.errors import StoreBusyError, StoreConflictError, StoreUnavailableError
from service.ledger.entries import COMMANDS, Entry, append, open_chain

MAX_WAITING = 2_000
MAX_BATCH = 250
# Longer than any time limit of the store itself, so that this one only speaks when the thread hangs.
TIMEOUT_S = 20.0
# How often jobs are tried again when another process stood in their way.
MAX_CONFLICTS = 3

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a job writes with: the connection, and what goes to the ledger when the transaction ends."""

    connection: Connection
    entries: list[Entry] = field(default_factory=list)

    def record(self, *entries: Entry) -> None:
        """Let entries be added to the ledger, in order."""
        self.entries.extend(entries)


Apply = Callable[[Transaction, Sequence[Job]], Sequence[Outcome]]
# Gets the number of jobs of a commit, and the seconds it took.
Observe = Callable[[int, float], None]


def record_all(transaction: Transaction, entries: Sequence[Entry]) -> list[None]:
    """A job that only records: an entry of the ledger, and nothing else."""
    transaction.record(*entries)
    return [None] * len(entries)


@contextmanager
def recording(engine: Engine, now: datetime) -> Iterator[Transaction]:
    """One transaction of a command beside a running service; what it records goes to a chain of its own.

    Raises
    ------
    StoreUnavailableError
        Nothing was kept.
    """
    with writing(engine) as connection:
        transaction = Transaction(connection)
        yield transaction
        if transaction.entries:
            open_chain(connection, COMMANDS, now)
            append(connection, COMMANDS, transaction.entries)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A job in the queue, and where its outcome goes."""

    apply: Apply[object, object]
    job: object
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[object]"


class Writer:
    """The one writer of this process; start it before the first job and stop it after the last."""

    def __init__(
        self, engine: Engine, chain: str, *, max_waiting: int = MAX_WAITING, observe: Observe | None = None
    ) -> None:
        self._engine = engine
        self._observe = observe
        self._chain = chain
        self._max_waiting = max_waiting
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="pilah-writer", daemon=True)
        self._is_stopping = False
        self.n_waiting = 0

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def stop(self) -> None:
        """Refuse new jobs, commit those that wait, end the thread."""
        self._is_stopping = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def write(self, apply: Apply[Job, Outcome], job: Job) -> Outcome:
        """The outcome of ``apply`` for ``job``, after its commit.

        ``apply`` is called in the writer's thread with all jobs of one commit that came with it, in their order,
        and gives an outcome for each. It may be called again when a commit fails. Jobs of unlike functions that wait
        together have no order among them.

        Raises
        ------
        StoreBusyError
            Too many jobs wait, or the writer is stopping.
        StoreUnavailableError
            The commit failed or did not end in time.
        """
        # Jobs whose callers gave up still lie in the queue while the thread hangs.
        if self._is_stopping or max(self.n_waiting, self._queue.qsize()) >= self._max_waiting:
            raise StoreBusyError(f"{self.n_waiting} writes are waiting")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        self.n_waiting += 1
        try:
            self._queue.put(_Waiting(cast("Apply[object, object]", apply), job, loop, future))
            return cast("Outcome", await asyncio.wait_for(future, TIMEOUT_S))
        except TimeoutError as error:
            raise StoreUnavailableError(f"no commit within {TIMEOUT_S:.0f} s") from error
        finally:
            self.n_waiting -= 1

    def _run(self) -> None:
        is_running = True
        while is_running:
            batch = [self._queue.get()]
            while len(batch) < MAX_BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            is_running = None not in batch
            # Who gave up was told that nothing is stored and may send again; what was not begun is not stored.
            self._commit([waiting for waiting in batch if waiting is not None and not waiting.future.cancelled()])

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        started = time.perf_counter()
        try:
            outcomes = self._apply_again(batch)
        except Exception as error:  # noqa: BLE001  # handed to whoever waits; the thread must outlive any fault
            if len(batch) > 1 and not isinstance(error, StoreUnavailableError):
                # One job the store cannot take must not fail its neighbours.
                for waiting in batch:
                    self._commit([waiting])
                return
            outcomes = [error] * len(batch)
        if self._observe is not None:
            self._observe(len(batch), time.perf_counter() - started)
        _settle_all(batch, outcomes)

    def _apply_again(self, batch: Sequence[_Waiting]) -> list[object]:
        for _ in range(MAX_CONFLICTS):
            with suppress(StoreConflictError):
                return self._apply(batch)
        return self._apply(batch)

    def _apply(self, batch: Sequence[_Waiting]) -> list[object]:
        # Each function once, so that what it locks, it locks in one order: two processes must not wait crosswise.
        places: dict[Apply[object, object], list[int]] = {}
        for place, waiting in enumerate(batch):
            places.setdefault(waiting.apply, []).append(place)
        outcomes: dict[int, object] = {}
        with writing(self._engine) as connection:
            transaction = Transaction(connection)
            for apply, own in places.items():
                found = apply(transaction, [batch[place].job for place in own])
                if len(found) != len(own):
                    raise TypeError(f"{apply!r} gave {len(found)} outcomes for {len(own)} jobs; give one for each.")
                outcomes.update(zip(own, found, strict=True))
            append(connection, self._chain, transaction.entries)
        return [outcomes[place] for place in range(len(batch))]


def _settle_all(batch: Sequence[_Waiting], outcomes: Sequence[object]) -> None:
    pairs = list(zip(batch, outcomes, strict=True))
    for loop, group in groupby(pairs, key=lambda pair: pair[0].loop):
        # A loop that was closed has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, list(group))


def _settle(pairs: Sequence[tuple[_Waiting, object]]) -> None:
    for waiting, outcome in pairs:
        if waiting.future.done():
            continue
        if isinstance(outcome, Exception):
            waiting.future.set_exception(outcome)
        else:
            waiting.future.set_result(outcome)
