"""Builds the demo: stories written by several workers into drafts, derived, then put into the store in one transaction.

A build that is killed leaves nothing but a folder of drafts, which the next one deletes: the store has the whole
history or none of it.
"""

import fcntl
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_int
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from service.chores import DERIVATIONS
from service.demo.cast import read_cast
from service.demo.dating import Order, count_reports
from service.demo.drafting import RECEIVING, WRITING, Task, open_draft, write_share
from service.demo.merging import merge, put_in
from service.demo.places import Prepared
from service.engine import open_engine, reading, writing
from service.errors import StoreError
from service.ledger.deriving import Derivation, count_behind, derive
from service.messages.outbox import Dispatch
from service.people.accounts import list_accounts
from service.upkeep.opening import find_file

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

_DRAFTS: Final = ".draft-"
LOCK: Final = "building.lock"
MAX_WORKERS: Final = 2
_POLL_S: Final = 0.2
# How much of the work is done when a stage ends.
_WRITTEN: Final = 0.75
_DERIVED: Final = 0.97
_DERIVED_AT_ONCE: Final = 1_000

# Gets what is being done, and how much of all is done (0 to 1).
Tell = Callable[[str, float], None]


def build(prepared: Prepared, order: Order, tell: Tell, n_workers: int | None = None) -> int:
    """Write the history of a demo into its store; the number of its reports.

    Raises
    ------
    StoreError
        There is a history already, or another process is making one.
    """
    home = prepared.settings.home
    with _alone(home), _drafting(home) as folder:
        if prepared.has_history:
            raise StoreError(f"{home} has its history already; pilah demo remove takes it out.")
        tasks = _divide(prepared, order, folder, n_workers or min(MAX_WORKERS, os.cpu_count() or 1))
        n_reports = count_reports(order)
        n_steps = n_reports * (RECEIVING + WRITING)
        _write_all(tasks, lambda n_done: tell("writing", _WRITTEN * n_done / n_steps))
        draft = merge([task.draft for task in tasks])
        _derive_all(draft, lambda share: tell("deriving", _WRITTEN + (_DERIVED - _WRITTEN) * share))
        tell("putting in", _DERIVED)
        store = find_file(prepared.settings)
        if store is None:
            raise StoreError("A demo needs a store of SQLite.")
        put_in(draft, store)
        tell("done", 1.0)
    return n_reports


def _divide(prepared: Prepared, order: Order, folder: Path, n_workers: int) -> list[Task]:
    engine = open_engine(prepared.settings.store_url)
    try:
        with reading(engine) as connection:
            cast = read_cast(list_accounts(connection))
    finally:
        engine.dispose()
    return [
        Task(order, prepared.settings, cast, folder / f"{share}.db", share, n_workers) for share in range(n_workers)
    ]


def _write_all(tasks: Sequence[Task], tell: Callable[[float], None]) -> None:
    """Write all shares, each in a process of its own unless there is but one."""
    if len(tasks) == 1:
        n_written = 0
        for n in write_share(tasks[0]):
            n_written += n
            tell(n_written)
        return
    # Begun anew, not forked: a thread of the terminal's progress bar may hold a lock.
    context = multiprocessing.get_context("spawn")
    counts: list[Synchronized[int]] = [context.Value(c_int, 0) for _ in tasks]
    workers = [
        context.Process(target=_work, args=(task, count, os.getpid()), daemon=True)
        for task, count in zip(tasks, counts, strict=True)
    ]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            _wait(workers)
            tell(sum(count.value for count in counts))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    if any(worker.exitcode for worker in workers):
        raise StoreError("A worker of the demo failed; what it said stands above. Nothing was put in.")


def _wait(workers: Sequence[SpawnProcess]) -> None:
    for worker in workers:
        if worker.is_alive():
            worker.join(_POLL_S)
        if worker.exitcode:
            raise StoreError("A worker of the demo failed; what it said stands above. Nothing was put in.")


def _work(task: Task, count: "Synchronized[int]", parent: int) -> None:
    for n in write_share(task):
        count.value += n
        if os.getppid() != parent:
            # Whoever wanted it was killed.
            return


def _derive_all(draft: Path, tell: Callable[[float], None]) -> None:
    """Bring all that is derived up to the ledger; nobody is told of what is long over."""
    derivations: list[Derivation] = [*DERIVATIONS, Dispatch(has_mail=False)]
    engine = open_draft(draft)
    try:
        for place, derivation in enumerate(derivations):
            for share in _derive(engine, derivation):
                tell((place + share) / len(derivations))
    finally:
        engine.dispose()


def _derive(engine: Engine, derivation: Derivation) -> Iterator[float]:
    with reading(engine) as connection:
        n_all = max(1, count_behind(connection, derivation.name))
    n_read = 0
    while True:
        with writing(engine) as connection:
            n = derive(connection, derivation, _DERIVED_AT_ONCE)
        if not n:
            return
        n_read += n
        yield n_read / n_all


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let no two processes build one demo at once; the lock goes with the process that holds it."""
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"The demo in {home} is being made by another process; wait for it.") from error
        yield


@contextmanager
def _drafting(home: Path) -> Iterator[Path]:
    """A folder for drafts; those that a killed build left are deleted."""
    for old in home.glob(f"{_DRAFTS}*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_DRAFTS, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
