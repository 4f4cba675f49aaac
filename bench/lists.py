"""Prints how long the lists of a filled store take: the review queue, and listings by each filter.

    python bench/lists.py [--rows 200000] [--waiting 0.02] [--revision 0003] [--postgres] [--plans]

Fills a new store with made-up reports, most of them closed, some new, one in seven shut away, then asks each list
through the code of the service, as an officer without and with the oversight of accusations. With ``--revision`` the
store stays at the tables of an earlier Pilah, to compare. Times are medians; the first call of each is left out.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from http_cost import postgres
from sqlalchemy import ColumnElement, Connection, event, insert, text

from model.shipped import taxonomy_in_force
from service import tables
from service.callers import Caller
from service.engine import open_engine, reading, writing
from service.handling.review import list_queue
from service.ids import new_id
from service.listing import Filters, Position, list_feedback
from service.migrating import REVISION, upgrade
from service.visibility import visible_to, workable_by

_BATCH = 2_000
_N_TIMES = 15
_N_DAYS = 1_000
_OFFICER = Caller("officer", "key", "officer", frozenset({"triage"}))
_OVERSEER = Caller("overseer", "key", "overseer", frozenset({"triage", "oversight"}))
_LIAISON = Caller("liaison", "key", "liaison", frozenset({"triage"}), "dinas-pupr")
_SENDER = Caller("portal", "key", "portal", frozenset({"ingest"}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--waiting", type=float, default=0.02, help="share of reports that wait for a person")
    parser.add_argument("--revision", default=REVISION, help="of the tables")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--plans", action="store_true", help="print how the store goes about each list")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        address = stack.enter_context(postgres(folder)) if asked.postgres else f"sqlite:///{folder / 'lists.db'}"
        engine = open_engine(address)
        stack.callback(engine.dispose)
        with writing(engine) as connection:
            upgrade(connection, asked.revision)
        for rows in make_rows(asked.rows, asked.waiting):
            with writing(engine) as connection:
                for table, values in rows.items():
                    connection.execute(insert(tables.metadata.tables[table]), values)
        if asked.postgres:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        statements: list[tuple[str, object]] = []
        event.listen(engine, "before_cursor_execute", lambda *given: statements.append((given[2], given[3])))
        print(f"{asked.rows:,} reports, {asked.waiting:.1%} waiting, {engine.dialect.name}, tables {asked.revision}")
        with reading(engine) as connection:
            for name, ask in list_questions():
                statements.clear()
                n_found = ask(connection)
                first = statements[0]
                print(f"{name:34} {measure(partial(ask, connection)):8.1f} ms {n_found:4} found", flush=True)
                if asked.plans:
                    print_plan(connection, first)


def make_rows(n_rows: int, waiting: float) -> Iterator[dict[str, list[dict[str, object]]]]:
    """Rows by table, a batch at a time; the newest reports come last."""
    chance = random.Random(1)  # noqa: S311  # rows are made up, nothing is secret
    now, heads = datetime.now(UTC), taxonomy_in_force()
    slugs = {head: heads.slugs(head) for head in ("agency", "topic", "aspect")}
    for begin in range(0, n_rows, _BATCH):
        reports = []
        for number in range(begin, min(begin + _BATCH, n_rows)):
            age = timedelta(days=_N_DAYS * (1 - number / n_rows))
            reports.append(make_report(chance, now - age, waiting, slugs))
        yield {
            "feedback": reports,
            "prediction": [
                {"feedback_id": row["id"], "bundle": "bench", "made_at": row["stored_at"], "content": _CONTENT}
                for row in reports
            ],
            "label": [make_label(chance, row) for row in reports if chance.random() < 0.3],
        }


_CONTENT = '{"bundle":"bench","taxonomy":"bench","cut_chars":0,"filling":"' + "x" * 2_000 + '"}'
_TEXT = "Lampu jalan di depan sekolah sudah seminggu mati, mohon diperbaiki. " * 4


def make_report(
    chance: random.Random, at: datetime, waiting: float, slugs: Mapping[str, Sequence[str]]
) -> dict[str, object]:
    """A row of feedback; whether it waits, how urgent it is and who may see it are drawn."""
    is_waiting = chance.random() < waiting
    states = ["baru", "diverifikasi", "dikembalikan"] if is_waiting else ["selesai", "ditanggapi", "arsip", "diproses"]
    weights = [90, 8, 2] if is_waiting else [70, 20, 9, 1]
    state = chance.choices(states, weights)[0]
    kinds = ["pengaduan", "permintaan-informasi", "aspirasi", "apresiasi", "pengaduan-pengawasan"]
    kind = chance.choices(kinds, [700, 150, 90, 55, 5])[0]
    return {
        "id": new_id(at),
        "key_id": "portal" if chance.random() < 0.001 else "app",
        "received_at": at,
        "stored_at": at,
        "state": state,
        "attachments": "[]",
        "text": _TEXT,
        "kind": kind,
        "agency": chance.choice(slugs["agency"]),
        "topic": chance.choice(slugs["topic"]),
        "urgency": chance.choices(["darurat", "tinggi", "sedang", "rendah"], [5, 150, 600, 245])[0],
        "aspect": chance.choice(slugs["aspect"]),
        "route": chance.choices(["auto", "suggest", "human"], [0 if is_waiting else 40, 40, 20])[0],
        "is_at_agency": not is_waiting,
        "confidence": round(chance.random(), 4),
        "alarm": chance.choices([None, "watch", "urgent"], [945, 50, 5])[0],
        "restriction": chance.choices([None, "oversight", "admin"], [860, 138, 2])[0],
        "due_at": at.replace(hour=16, minute=59, second=59, microsecond=0) + timedelta(days=chance.randint(3, 7))
        if is_waiting or state == "diproses"
        else None,
        "changed_at": at,
    }


def make_label(chance: random.Random, report: dict[str, object]) -> dict[str, object]:
    """What a person said of a report."""
    at = report["stored_at"]
    head = chance.choice(["topic", "kind"] if report["state"] in {"baru", "diverifikasi"} else ["agency", "kind"])
    return {
        "id": new_id(at),  # type: ignore[arg-type]  # an instant, as it was made above
        "feedback_id": report["id"],
        "head": head,
        "value": report[head],
        "basis": "confirmation",
        "is_blind": False,
        "actor": "account:bench",
        "at": at,
    }


def list_questions() -> Iterator[tuple[str, Callable[[Connection], int]]]:
    """What is asked, by name."""
    now = datetime.now(UTC)
    for caller in (_OFFICER, _OVERSEER, _LIAISON):
        yield f"queue of {caller.name}", ask_queue(workable_by(caller), now)
    yield "queue, 50 that are free", ask_queue(workable_by(_OFFICER), now, 50, only_free=True)
    page = Position(now - timedelta(days=_N_DAYS / 2), "f" * 8)
    asked: dict[str, Filters] = {
        "all": Filters(),
        "alarm=urgent": Filters(alarm="urgent"),
        "alarm=watch": Filters(alarm="watch"),
        "kind=pengaduan": Filters(kind="pengaduan"),
        "kind=pengaduan-pengawasan": Filters(kind="pengaduan-pengawasan"),
        "urgency=darurat": Filters(urgency="darurat"),
        "urgency=sedang": Filters(urgency="sedang"),
        "agency, kind": Filters(agency="dinas-pupr", kind="permintaan-informasi"),
        "agency, urgency=darurat": Filters(agency="dinas-pupr", urgency="darurat"),
        "state=selesai": Filters(states=("selesai",)),
        "state=baru": Filters(states=("baru",)),
        "overdue": Filters(states=("baru", "diverifikasi", "diproses"), due_before=now),
        "unit": Filters(unit="13.73.04"),
    }
    for name, filters in asked.items():
        yield name, ask_list(filters, visible_to(_OFFICER))
    yield "alarm=urgent, middle page", ask_list(asked["alarm=urgent"], visible_to(_OFFICER), page)
    yield "all, of a small sender", ask_list(Filters(), visible_to(_SENDER))
    yield "all, of a liaison", ask_list(Filters(), visible_to(_LIAISON))
    yield "kind, of an overseer", ask_list(asked["kind=pengaduan-pengawasan"], visible_to(_OVERSEER))


def ask_queue(
    visible: ColumnElement[bool], now: datetime, limit: int = 20, *, only_free: bool = False
) -> Callable[[Connection], int]:
    """The head of the queue."""
    return lambda connection: len(list_queue(connection, visible, now, limit, only_free=only_free))


def ask_list(
    filters: Filters, visible: ColumnElement[bool], after: Position | None = None
) -> Callable[[Connection], int]:
    """A page of a listing."""
    return lambda connection: len(list_feedback(connection, filters, visible, after, 50))


def measure(ask: Callable[[], object]) -> float:
    """Median milliseconds."""
    spent = []
    for _ in range(_N_TIMES):
        begin = time.perf_counter()
        ask()
        spent.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(spent)


def print_plan(connection: Connection, statement: tuple[str, object]) -> None:
    """How the store goes about a statement."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    for row in connection.exec_driver_sql(f"{explain} {statement[0]}", statement[1]):  # type: ignore[arg-type]
        print(f"    {row[-1]}")


if __name__ == "__main__":
    main()
