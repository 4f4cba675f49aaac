"""One worker's share of the demo: a store of its own, into which its reports and their stories are written.

Every process of a service has a chain of its own in the ledger, and so has every worker.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event

from model.classifier import load_classifier
from model.offices import DISTRICT_KIND, LOCAL_OFFICES, VILLAGE_KINDS
from model.shipped import taxonomy_in_force
from service.champion import describe_adoption, find_bundle
from service.demo.acts import Step, World
from service.demo.authored import read_replies
from service.demo.cast import ADMIN, APP, Cast
from service.demo.dating import Order, Sent, date_reports
from service.demo.scribe import Desk, Scribe
from service.demo.stories import tell
from service.demo.truths import PlantedMark, list_marks, plant
from service.demo.worktime import Worktime
from service.engine import open_engine, reading, writing
from service.handling.clock import WIB, local_day
from service.handling.holidays import CityCalendar
from service.handling.terms import read_terms
from service.home import open_home
from service.ledger.entries import append, open_chain
from service.migrating import migrate
from service.routing import Router
from service.settings import Settings
from service.statistics.marks import MarkOrder, enter_marks
from service.writer import Transaction

# How much of the work on a report each stage is.
RECEIVING: Final = 1
WRITING: Final = 3
# The marks are entered apart from the reports, so that each chain is in order of time.
MARKS_CHAIN: Final = "demo-marks"
_BEFORE: Final = timedelta(minutes=1)
_NOON: Final = time(12, tzinfo=WIB)


@dataclass(frozen=True, slots=True)
class Task:
    """What one of ``n_shares`` workers writes, and where; ``settings`` are those of the store of the demo."""

    order: Order
    settings: Settings
    cast: Cast
    draft: Path
    share: int
    n_shares: int


def write_share(task: Task) -> Iterator[int]:
    """Write a share; gives again and again how much was done, `RECEIVING` and `WRITING` for each report."""
    engine = open_draft(task.draft)
    try:
        yield from _write(task, engine)
    finally:
        # The last connection that is closed folds the log into the file.
        engine.dispose()


def open_draft(path: Path) -> Engine:
    """A store that is thrown away when the power fails, and so need not wait for the disk."""
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _forget_the_disk)
    migrate(engine)
    return engine


def name_chain(share: int) -> str:
    """The chain of a worker."""
    return f"demo-{share + 1}"


def _forget_the_disk(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _write(task: Task, engine: Engine) -> Iterator[int]:
    classifier = load_classifier(find_bundle(task.settings), taxonomy_in_force())
    taxonomy = taxonomy_in_force()
    router = Router(classifier.gazetteer, taxonomy.external_agencies(), task.settings.triage_office)
    planted = plant(local_day(task.order.now))
    sent = date_reports(task.order, planted)[task.share :: task.n_shares]
    external = frozenset(taxonomy.external_agencies())
    offices = (*VILLAGE_KINDS, DISTRICT_KIND)
    world = World(
        order=task.order,
        planted=planted,
        worktime=Worktime(CityCalendar()),
        replies=read_replies(),
        external=external,
        city=tuple(slug for slug in taxonomy.slugs("agency") if slug not in external),
        villages=tuple(code for code, entry in classifier.gazetteer.entries.items() if entry.kind in offices),
        local_offices=LOCAL_OFFICES,
        triage_office=task.settings.triage_office,
    )
    _open_chain(task, engine, sent, classifier.bundle_id)
    with reading(engine) as connection:
        terms = read_terms(connection)
    desk = Desk(classifier, router, open_home(task.settings.home), terms, APP)
    scribe = Scribe(engine, name_chain(task.share), task.cast, LOCAL_OFFICES, task.settings.triage_office)
    if task.share == 0:
        _enter_marks(task, engine, list_marks(planted), sent)
    yield from _write_in_order(sent, desk, scribe, world)


def _open_chain(task: Task, engine: Engine, sent: Sequence[Sent], bundle_id: str) -> None:
    """Begin the chain as a process of a service does, before the first report."""
    began = sent[0].received_at - _BEFORE if sent else task.order.now
    with writing(engine) as connection:
        open_chain(connection, name_chain(task.share), began)
        append(connection, name_chain(task.share), [describe_adoption(bundle_id, began)])


def _enter_marks(task: Task, engine: Engine, marks: Sequence[PlantedMark], sent: Sequence[Sent]) -> None:
    """Let the admin enter each mark of the history at noon of its day, as a call of the interface does."""
    first = local_day(sent[0].received_at) if sent else local_day(task.order.now)
    actor = task.cast.caller(ADMIN).actor
    with writing(engine) as connection:
        transaction = Transaction(connection)
        orders = [
            MarkOrder(
                mark.day,
                mark.until,
                mark.title,
                mark.type,
                mark.agency,
                mark.topic,
                mark.control_agency,
                None,
                actor,
                datetime.combine(mark.day, _NOON),
            )
            for mark in marks
            if mark.day > first
        ]
        enter_marks(transaction, orders)
        open_chain(connection, MARKS_CHAIN, datetime.combine(marks[0].day, _NOON))
        append(connection, MARKS_CHAIN, transaction.entries)


def _write_in_order(sent: Sequence[Sent], desk: Desk, scribe: Scribe, world: World) -> Iterator[int]:
    """Receive all and tell their stories, then write window by window; each counts for what it takes."""
    receipts, steps = [], list[Step]()
    for one in sent:
        incoming, found = desk.receive(one)
        receipts.append(incoming)
        steps += tell(world, one, found)
        yield RECEIVING
    for n_written in scribe.write(receipts, steps):
        yield WRITING * n_written
