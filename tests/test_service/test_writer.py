import asyncio
import threading

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from service.engine import open_engine, reading, writing
from service.errors import StoreBusyError, StoreConflictError, StoreUnavailableError
from service.writer import Writer

NUMBERS = Table("numbers", MetaData(), Column("number", Integer, primary_key=True))


def add(transaction, numbers):
    transaction.connection.execute(insert(NUMBERS), [{"number": number} for number in numbers])
    return [number * 10 for number in numbers]


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with writing(engine) as connection:
        NUMBERS.metadata.create_all(connection)
    yield engine
    engine.dispose()


def read_numbers(engine):
    with reading(engine) as connection:
        return sorted(connection.execute(select(NUMBERS.c.number)).scalars())


def run(engine, use, **options):
    async def go():
        writer = Writer(engine, "test", **options)
        writer.start()
        try:
            return await use(writer)
        finally:
            await writer.stop()

    return asyncio.run(go())


class Gate:
    """A job that holds the writer until it is let go, so that others wait behind it."""

    def __init__(self):
        self.held, self.free = threading.Event(), threading.Event()

    def __call__(self, _, jobs):
        self.held.set()
        assert self.free.wait(30)
        return [None] * len(jobs)


def test_each_job_gets_its_own_outcome_after_its_commit(engine):
    async def use(writer):
        outcome = await writer.write(add, 1)
        return outcome, read_numbers(engine)

    assert run(engine, use) == (10, [1])


def test_jobs_that_wait_together_are_committed_together(engine):
    sizes = []

    def add_and_count(transaction, numbers):
        sizes.append(len(numbers))
        return add(transaction, numbers)

    async def use(writer):
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        others = [asyncio.create_task(writer.write(add_and_count, number)) for number in range(100)]
        await asyncio.sleep(0)
        gate.free.set()
        await first
        return await asyncio.gather(*others)

    assert run(engine, use) == [number * 10 for number in range(100)]
    assert sizes == [100]


def test_a_job_the_store_cannot_take_fails_alone(engine):
    async def use(writer):
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        others = [asyncio.create_task(writer.write(add, number)) for number in (1, 2, 2, 3)]
        await asyncio.sleep(0)
        gate.free.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    outcomes = run(engine, use)
    assert [outcomes[0], outcomes[1], outcomes[3]] == [10, 20, 30]
    assert isinstance(outcomes[2], Exception)
    assert read_numbers(engine) == [1, 2, 3]


def test_a_full_queue_refuses_at_once_and_loses_nothing_it_took(engine):
    async def use(writer):
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        others = [asyncio.create_task(writer.write(add, number)) for number in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StoreBusyError):
            await writer.write(add, 99)
        gate.free.set()
        await first
        return await asyncio.gather(*others)

    assert run(engine, use, max_waiting=3) == [0, 10]
    assert read_numbers(engine) == [0, 1]


def test_stopping_commits_what_waits_and_refuses_what_comes(engine):
    async def go():
        writer = Writer(engine, "test")
        writer.start()
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        others = [asyncio.create_task(writer.write(add, number)) for number in range(5)]
        await asyncio.sleep(0)
        stopping = asyncio.create_task(writer.stop())
        await asyncio.sleep(0)
        with pytest.raises(StoreBusyError):
            await writer.write(add, 99)
        gate.free.set()
        await asyncio.gather(first, stopping, *others)

    asyncio.run(go())
    assert read_numbers(engine) == [0, 1, 2, 3, 4]


def test_a_store_that_is_away_is_told_and_used_again_when_it_is_back(engine, tmp_path):
    store = tmp_path / "store.db"

    async def use(writer):
        away = store.rename(tmp_path / "away.db")
        with pytest.raises(StoreUnavailableError):
            await writer.write(add, 1)
        away.rename(store)
        return await writer.write(add, 2)

    assert run(engine, use) == 20
    assert read_numbers(engine) == [2]


def test_a_caller_that_went_away_leaves_the_others_alone(engine):
    async def use(writer):
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        gone = asyncio.create_task(writer.write(add, 1))
        other = asyncio.create_task(writer.write(add, 2))
        await asyncio.sleep(0)
        gone.cancel()
        gate.free.set()
        await first
        return await other, writer.n_waiting

    outcome, n_waiting = run(engine, use)
    assert (outcome, n_waiting) == (20, 0)


def test_what_a_caller_gave_up_before_it_began_is_not_stored_and_still_counts_as_waiting(engine):
    async def use(writer):
        gate = Gate()
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait)
        for number in range(3):
            gone = asyncio.create_task(writer.write(add, number))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        with pytest.raises(StoreBusyError):
            await writer.write(add, 99)
        gate.free.set()
        await first

    run(engine, use, max_waiting=3)
    assert read_numbers(engine) == []


def test_jobs_that_another_process_stood_in_the_way_of_are_tried_again(engine):
    n_tries = []

    def add_late(transaction, numbers):
        n_tries.append(1)
        if len(n_tries) < 3:
            raise StoreConflictError("deadlock detected")
        return add(transaction, numbers)

    async def use(writer):
        return await writer.write(add_late, 1)

    assert run(engine, use) == 10
    assert read_numbers(engine) == [1]


def test_jobs_of_one_function_that_wait_together_are_done_together(engine):
    gate, sizes = Gate(), []

    def count(transaction, numbers):
        sizes.append(len(numbers))
        return add(transaction, numbers)

    async def use(writer):
        first = asyncio.create_task(writer.write(gate, None))
        await asyncio.to_thread(gate.held.wait, 30)
        calls = [writer.write(apply, number) for number, apply in enumerate((count, add, count, add, count))]
        waiting = [asyncio.create_task(call) for call in calls]
        await asyncio.sleep(0)
        gate.free.set()
        await first
        return await asyncio.gather(*waiting)

    assert run(engine, use) == [0, 10, 20, 30, 40]
    assert sizes == [3]
