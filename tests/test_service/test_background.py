import asyncio
import io

from service.background import Background, Chore
from service.logs import open_log
from service.metrics import Metrics


def run(chore, until):
    log = io.StringIO()

    async def go():
        background = Background([chore], open_log(log), Metrics())
        background.start()
        await asyncio.wait_for(until.wait(), 10)
        await background.stop()

    asyncio.run(go())
    return log.getvalue()


def test_a_chore_with_more_to_do_does_not_rest():
    done, calls = asyncio.Event(), []

    async def work():
        calls.append(1)
        if len(calls) == 5:
            done.set()
        return len(calls) < 5

    run(Chore("work", 3600, work), done)
    assert len(calls) == 5


def test_a_chore_that_fails_is_told_and_tried_again():
    done, calls = asyncio.Event(), []

    async def work():
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("a text of a citizen")
        done.set()
        return False

    log = run(Chore("work", 0.001, work), done)
    assert log.count("chore failed") == 2
    assert "citizen" not in log


def test_a_chore_that_failed_all_night_is_tried_again_in_the_morning():
    done, calls = asyncio.Event(), []

    async def work():
        calls.append(1)
        # 2 to the power of 1,075 times a pause is no float.
        if len(calls) <= 1_100:
            raise ConnectionError
        done.set()
        return False

    run(Chore("work", 0.0, work), done)
    assert len(calls) > 1_100


def test_a_chore_that_swallows_its_cancellation_is_cancelled_again():
    done, calls = asyncio.Event(), []

    async def work():
        calls.append(1)
        done.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return len(calls) < 2
        return False

    run(Chore("work", 3600, work), done)
    assert len(calls) == 2
