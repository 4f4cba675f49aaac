import json
from datetime import UTC, datetime, timedelta

import pytest

from service.engine import reading, writing
from service.ledger.deriving import count_behind, derive, rebuild

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Collector:
    """Remembers what it was given, in place of a table."""

    name = "collector"

    def __init__(self):
        self.seen = []

    def apply(self, _, entries):
        self.seen += [json.loads(entry["content"])["n"] for entry in entries if entry["type"] == "test"]

    def reset(self, _):
        self.seen = []


def derive_all(engine, collector, **options):
    with writing(engine) as connection:
        while derive(connection, collector, **options):
            pass


def derive_and_fail(engine, collector):
    with writing(engine) as connection:
        derive(connection, collector)
        raise ZeroDivisionError


def test_every_entry_is_read_once_and_in_order(engine, write):
    collector = Collector()
    write("a", *range(5))
    derive_all(engine, collector)
    write("a", *range(5, 9))
    derive_all(engine, collector, limit=2)
    assert collector.seen == list(range(9))


def test_entries_of_several_chains_come_by_their_instants(engine, write):
    collector = Collector()
    write("a", 0, at=NOW)
    write("b", 1, at=NOW + timedelta(seconds=1))
    write("a", 2, at=NOW + timedelta(seconds=2))
    derive_all(engine, collector)
    assert collector.seen == [0, 1, 2]


def test_a_clock_that_went_back_loses_nothing(engine, write):
    collector = Collector()
    for number, seconds in enumerate((5, 3, 4, 1)):
        write("a", number, at=NOW + timedelta(seconds=seconds))
        write("b", 10 + number, at=NOW + timedelta(seconds=2))
    derive_all(engine, collector, limit=1)
    assert [number for number in collector.seen if number < 10] == [0, 1, 2, 3]
    assert sorted(collector.seen) == [0, 1, 2, 3, 10, 11, 12, 13]


def test_what_was_not_committed_is_read_again(engine, write):
    collector = Collector()
    write("a", 1)
    with pytest.raises(ZeroDivisionError):
        derive_and_fail(engine, collector)
    assert collector.seen == [1]
    derive_all(engine, collector)
    assert collector.seen == [1, 1]


def test_a_rebuild_reads_the_whole_ledger_again(engine, write):
    collector = Collector()
    write("a", 1, 2)
    derive_all(engine, collector)
    write("a", 3)
    with writing(engine) as connection:
        rebuild(connection, collector)
    assert collector.seen == [1, 2, 3]


def test_what_waits_is_counted(engine, write):
    collector = Collector()
    write("a", 1, 2)
    with reading(engine) as connection:
        assert count_behind(connection, collector.name) == 3
    derive_all(engine, collector)
    with reading(engine) as connection:
        assert count_behind(connection, collector.name) == 0
