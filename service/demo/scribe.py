"""Writes stories into a store by the jobs of the service, each with the clock of the time it tells of.

What no job accepts is an error: the demo holds nothing that could not have happened.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import Engine

from model.classifier import Classifier
from service.callers import Caller
from service.demo.acts import Act, Calling, Doing, Found, Saying, Step
from service.demo.cast import Cast
from service.demo.dating import Sent
from service.engine import writing
from service.errors import StoreError
from service.feedback import Added, Incoming, add_feedback
from service.handling.events import Happened, NewEvent, add_events
from service.handling.labels import Labelling, label_all
from service.handling.terms import Terms
from service.home import Secret
from service.incoming import receive
from service.ledger.entries import Entry, append
from service.messages.emergencies import escalate
from service.requests import FeedbackRequest
from service.routing import Router
from service.visibility import workable_by
from service.writer import Transaction

# How long after a citizen sent it a report is stored.
# What is written in one transaction.
_N_DAYS: Final = 7
_ON_THE_WAY: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Desk:
    """What reports are received with."""

    classifier: Classifier
    router: Router
    secret: Secret
    terms: Terms
    app: Caller

    def receive(self, sent: Sent) -> tuple[Incoming, Found]:
        """A report as it is stored, and what stories need to know of it."""
        authored = sent.authored
        asked = FeedbackRequest(
            text=authored.text,
            external_id=f"contoh-{authored.id}",
            received_at=sent.received_at,
            channel=authored.channel,
            reporter_ref=sent.reporter_ref,
            district=authored.district or None,
            village=authored.village or None,
            rating=sent.rating,
            about=authored.about or None,
        )
        prediction = self.classifier.classify(authored.text, with_explanation=True)
        route = self.router.route(prediction, asked.about)
        now = sent.received_at + _ON_THE_WAY
        incoming = receive(asked, prediction, route, self.app, self.secret, self.terms, now)
        about = prediction.about.unit if prediction.about else None
        feedback = incoming.record.feedback
        return incoming, Found(feedback.id, feedback.is_emergency, route.restriction, about)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report comes in."""

    incoming: Incoming


@dataclass(frozen=True, slots=True)
class _Due:
    """Something that is written at an instant about a report."""

    at: datetime
    feedback_id: str
    login: str
    act: Act | Receipt


@dataclass(slots=True)
class Scribe:
    """Writes into one chain of one store."""

    engine: Engine
    chain: str
    cast: Cast
    local_offices: str
    triage_office: str
    _n_events: Counter[str] = field(default_factory=Counter)

    def write(self, receipts: Iterable[Incoming], steps: Iterable[Step]) -> Iterator[int]:
        """Write all of it, window by window in order of time; gives the number of reports that came in in each."""
        due = [_Due(one.record.feedback.stored_at, one.record.feedback.id, "", Receipt(one)) for one in receipts]
        due += [_Due(step.at, step.feedback_id, step.login, step.act) for step in steps]
        # Of a report its receipt comes first, whatever its sender's clock said.
        due.sort(key=lambda one: one.at)
        for _, window in groupby(due, key=_Windows(due).find):
            batch = list(window)
            self._write_window(batch)
            yield sum(isinstance(one.act, Receipt) for one in batch)

    def _write_window(self, batch: Sequence[_Due]) -> None:
        with writing(self.engine) as connection:
            transaction = Transaction(connection)
            for run in _list_runs(batch):
                self._write_run(transaction, run)
            entries: list[Entry] = sorted(transaction.entries, key=lambda entry: entry.at)
            append(connection, self.chain, entries)

    def _write_run(self, transaction: Transaction, run: Sequence[_Due]) -> None:
        """Acts of one type, in one call of their job."""
        first = run[0].act
        if isinstance(first, Receipt):
            added = add_feedback(transaction, [one.act.incoming for one in run if isinstance(one.act, Receipt)])
            _check(run, [isinstance(outcome, Added) and outcome.is_new for outcome in added], added)
        elif isinstance(first, Saying):
            said = label_all(transaction, [self._label(one, one.act) for one in run if isinstance(one.act, Saying)])
            _check(run, [isinstance(outcome, list) for outcome in said], said)
        elif isinstance(first, Doing):
            done = add_events(transaction, [self._describe(one, one.act) for one in run if isinstance(one.act, Doing)])
            _check(run, [isinstance(outcome, Happened) for outcome in done], done)
        else:
            escalate(transaction, [one.at for one in run])

    def _label(self, due: _Due, act: Saying) -> Labelling:
        caller = self.cast.caller(due.login)
        visible = workable_by(caller)
        return Labelling(due.feedback_id, visible, caller.actor, due.at, act.values, None, False, self.triage_office)

    def _describe(self, due: _Due, act: Doing) -> NewEvent:
        n_seen = self._n_events[due.feedback_id]
        self._n_events[due.feedback_id] += 1
        return NewEvent(
            feedback_id=due.feedback_id,
            type=act.type,
            at=None,
            agency=act.agency,
            unit=act.unit,
            needs_unit=act.agency == self.local_offices,
            note=act.note,
            public_reply=act.public_reply,
            caller=self.cast.caller(due.login),
            n_seen=n_seen,
            identity=None,
            body_digest="",
            now=due.at,
        )


class _Windows:
    """Cuts time into weeks, and where the service looks for emergencies that nobody has seen."""

    def __init__(self, due: Iterable[_Due]) -> None:
        self._calls = {id(one) for one in due if isinstance(one.act, Calling)}
        self._n_calls = 0

    def find(self, one: _Due) -> tuple[int, int]:
        """The window of what is due; asked in order."""
        week = one.at.toordinal() // _N_DAYS
        if id(one) in self._calls:
            # A window of its own: what came before is written before, what came after is not.
            self._n_calls += 2
            return week, self._n_calls - 1
        return week, self._n_calls


def _list_runs(batch: Sequence[_Due]) -> Iterator[list[_Due]]:
    """What can be written together: the first act of each report, then the second, and of each those of one type."""
    ranks: Counter[str] = Counter()
    ranked = []
    for one in batch:
        ranked.append((ranks[one.feedback_id], type(one.act).__name__, one))
        ranks[one.feedback_id] += 1
    ranked.sort(key=lambda found: found[:2])
    for _, run in groupby(ranked, key=lambda found: found[:2]):
        yield [one for _, _, one in run]


def _check(run: Sequence[_Due], are_done: Sequence[bool], outcomes: Sequence[object]) -> None:
    for one, is_done, outcome in zip(run, are_done, outcomes, strict=True):
        if not is_done:
            raise StoreError(
                f"The demo tells of {one.act!r} by {one.login} at {one.at}, and the service said {outcome!r}."
            )
