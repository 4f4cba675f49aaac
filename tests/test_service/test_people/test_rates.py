import pytest

from service.people.rates import WINDOW_S, Rates, name_address


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_in_no_window_are_there_more_calls_than_allowed(clock):
    rates, admitted = Rates(clock), []
    for _ in range(400):
        clock.now += 1.0
        if rates.admit("key:a", 10) is None:
            admitted.append(clock.now)
    assert all(b - a >= WINDOW_S for a, b in zip(admitted, admitted[10:], strict=False))
    assert len(admitted) >= 10 * (400 // 60)


def test_a_call_too_many_hears_when_the_next_one_is(clock):
    rates = Rates(clock)
    assert [rates.admit("key:a", 2) for _ in range(2)] == [None, None]
    clock.now += 10.5
    excess = rates.admit("key:a", 2)
    assert (excess.limit, excess.retry_after_s) == (2, 50)
    clock.now += excess.retry_after_s
    assert rates.admit("key:a", 2) is None


def test_callers_do_not_count_together_and_zero_is_no_limit(clock):
    rates = Rates(clock)
    assert rates.admit("key:a", 1) is None
    assert rates.admit("key:a", 1) is not None
    assert rates.admit("key:b", 1) is None
    assert all(rates.admit("key:c", 0) is None for _ in range(100))


def test_callers_that_went_quiet_are_dropped(clock):
    rates = Rates(clock)
    for number in range(5_000):
        rates.admit(f"key:{number}", 5)
        clock.now += 0.5
    assert len(rates) < 1_500


def test_a_limit_that_was_lowered_holds_at_once(clock):
    rates = Rates(clock)
    for _ in range(10):
        rates.admit("key:a", 10)
        clock.now += 1
    excess = rates.admit("key:a", 3)
    clock.now += excess.retry_after_s
    assert rates.admit("key:a", 3) is None


def test_a_flood_of_callers_takes_no_memory_and_drops_who_called_least_recently(clock):
    rates = Rates(clock, max_callers=100)
    for number in range(10_000):
        rates.admit(f"address {number}", 5)
    assert len(rates) == 100
    assert [rates.admit("faithful", 2) for _ in range(2)] == [None, None]
    for number in range(1_000):
        rates.admit(f"address {number}", 5)
        assert rates.admit("faithful", 2) is not None


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("/run/pilah.sock", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_is_counted_by_what_its_holder_has(host, name):
    assert name_address(host) == name
