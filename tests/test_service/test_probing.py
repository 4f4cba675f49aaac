import asyncio

from service.probing import Probe


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Look:
    """Counts its looks, and finds what it is told."""

    def __init__(self, clock, found="ok", takes_s=0.0):
        self.clock, self.found, self.takes_s, self.n_looks = clock, found, takes_s, 0

    async def __call__(self):
        self.n_looks += 1
        await asyncio.sleep(0)
        self.clock.now += self.takes_s
        return {"store": self.found}


def test_what_went_well_counts_for_a_second():
    clock = Clock()
    probe, look = Probe(clock), Look(clock)

    async def ask():
        for _ in range(10):
            clock.now += 0.25
            assert await probe.look(look) == {"store": "ok"}

    asyncio.run(ask())
    assert look.n_looks == 3


def test_what_failed_is_looked_at_anew_by_the_next_who_asks():
    clock = Clock()
    probe, look = Probe(clock), Look(clock, "cannot write")

    async def ask():
        assert await probe.look(look) == {"store": "cannot write"}
        clock.now += 0.01
        look.found = "ok"
        assert await probe.look(look) == {"store": "ok"}

    asyncio.run(ask())


def test_those_who_wait_together_look_once_also_at_what_fails():
    clock = Clock()
    probe, look = Probe(clock), Look(clock, "cannot write", takes_s=20.0)

    async def ask():
        return await asyncio.gather(*(probe.look(look) for _ in range(100)))

    assert asyncio.run(ask()) == [{"store": "cannot write"}] * 100
    assert look.n_looks == 1
