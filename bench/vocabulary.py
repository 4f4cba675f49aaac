"""Prints how long a look for new words takes, page by page, and what it holds, on a store of a million reports.

    python bench/vocabulary.py [--reports 1000000]

Texts are those of the reference corpus, again and again over three years, each with a few words of its own, so that
there are far more different words and pairs than in life; a new topic is planted in the last weeks.
"""

import argparse
import csv
import gc
import random
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, insert

from model.places import read_gazetteer
from model.shipped import datasets_folder, reference_corpus
from service import tables
from service.engine import open_engine, reading, writing
from service.migrating import migrate
from service.vocabulary.looking import Look

TODAY = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 4, tzinfo=UTC)
DAYS = 3 * 365
AT_ONCE = 50_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'store.db'}")
        migrate(engine)
        load(engine, asked.reports)
        gc.collect()
        time_look(engine)
        engine.dispose()


def load(engine: Engine, n_reports: int) -> None:
    """Fill the store with reports whose time is spread evenly."""
    with reference_corpus().open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    chance = random.Random(1)  # noqa: S311  # made-up texts, no secret
    for start in range(0, n_reports, AT_ONCE):
        rows = [make_row(number, n_reports, texts, chance) for number in range(start, min(start + AT_ONCE, n_reports))]
        with writing(engine) as connection:
            connection.execute(insert(tables.feedback), rows)


def make_row(number: int, n_reports: int, texts: list[str], chance: random.Random) -> dict[str, object]:
    """One report of three years."""
    at = NOW - timedelta(days=DAYS) + timedelta(days=DAYS * number / n_reports)
    own = " ".join("".join(chance.choices(LETTERS, k=7)) for _ in range(3))
    is_new = number > n_reports * (1 - 20 / DAYS) and number % 50 == 0
    text = f"{chance.choice(texts)} {own}{' kandang biogas bocor' if is_new else ''}"
    plain = {"key_id": "k", "state": "baru", "attachments": "[]", "reporter_digest": f"r{number % 9000}"}
    return {"id": f"{number:036x}", "received_at": at, "stored_at": at, "text": text, **plain}


def read_memory_mb() -> float:
    """What the process holds now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def time_look(engine: Engine) -> None:
    """Look once."""
    look = Look(TODAY, read_gazetteer(datasets_folder() / "lexicons" / "places.csv"), ())
    before = most = read_memory_mb()
    begun, steps = time.process_time(), []
    goes_on = True
    while goes_on:
        since = time.process_time()
        with reading(engine) as connection:
            goes_on = look.step(connection)
        steps.append(time.process_time() - since)
        most = max(most, read_memory_mb())
    outcome = look.outcome
    print(f"a look: {time.process_time() - begun:.1f} s of processor in {len(steps):,} steps, ", end="")
    print(f"median {1000 * statistics.median(steps):.0f} ms, longest {1000 * max(steps):.0f} ms")
    print(f"memory held beside what was held before: {most - before:.0f} MB at most")
    if outcome is not None:
        print(f"read {outcome.n_recent:,} of the last weeks, {outcome.n_before:,} before")
        for found in outcome.found:
            print(found.proposal.id, found.n_reports, found.proposal.words)


if __name__ == "__main__":
    main()
