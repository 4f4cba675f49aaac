"""One look for new words: reads the texts of the last weeks and of the time before, some at a time.

What it holds grows with the words that stand out, never with the reports. Restricted and erased reports are not read.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from model.places import Gazetteer
from service import tables
from service.figures.newcomers import NewWord, Proposal, find_new_words, group_words, name_proposals
from service.handling.clock import WIB
from service.vocabulary.tally import Count, Tally
from service.vocabulary.terms import Terms, read_terms

RECENT: Final = timedelta(weeks=4)
BEFORE: Final = timedelta(weeks=52)
# Fewer say nothing of what is new.
MINIMUM_RECENT: Final = 50
MINIMUM_BEFORE: Final = 200
# More than this of either time is a sample, drawn by the chance digits of ids.
MOST_READ: Final = 100_000
MOST_NEW: Final = 200
# Reports of a proposal that are kept to be opened, the latest of them.
MOST_KEPT: Final = 500
AT_ONCE: Final = 200
_ID_CHARS: Final = 36
_DIGITS: Final = "0123456789abcdef"
_FEEDBACK = tables.feedback.c


_DONE: Final = object()


class Span(NamedTuple):
    """A time, the end not within, and the last digits of the ids that are read of it."""

    since: datetime
    until: datetime
    digits: str = _DIGITS

    def thin_out(self, n_reports: int) -> "Span":
        """The span with so few digits that about `MOST_READ` are read."""
        n_digits = max(1, len(_DIGITS) * MOST_READ // max(n_reports, 1))
        return self._replace(digits=_DIGITS[:n_digits])

    def whole(self) -> "Span":
        """All of it."""
        return self._replace(digits=_DIGITS)


class _Row(NamedTuple):
    """What is read of a report."""

    id: str
    received_at: datetime
    text: str
    reporter: str


@dataclass(frozen=True, slots=True)
class Found:
    """A proposed topic with how many reports hold one of its words, and the latest of them."""

    proposal: Proposal
    n_reports: int
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look found, and in how much it looked."""

    day: date
    n_recent: int
    n_before: int
    found: tuple[Found, ...]


class Look:
    """Goes on by `step` until there is an ``outcome``; ``earlier`` are the proposals whose ids shall last."""

    def __init__(self, day: date, gazetteer: Gazetteer, earlier: Sequence[Proposal]) -> None:
        self._day, self._gazetteer, self._earlier = day, gazetteer, earlier
        self._steps: Iterator[None] | None = None
        self._connection: Connection | None = None
        self.outcome: Outcome | None = None

    def step(self, connection: Connection) -> bool:
        """Read a page more; whether the look goes on."""
        self._connection = connection
        if self._steps is None:
            self._steps = self._go(*_choose_spans(connection, self._day))
        return next(self._steps, _DONE) is not _DONE

    def _go(self, recent: Span, before: Span) -> Iterator[None]:
        """Count what stands in the last weeks, then of that what stood before, then where what is new stands."""
        tally = Tally()
        for rows in self._read(recent):
            for row in rows:
                tally.add(row.reporter, read_terms(row.text, self._gazetteer))
            yield
        candidates = tally.list_candidates()
        earlier = Count(candidates)
        for rows in self._read(before) if candidates else ():
            for row in rows:
                earlier.add(read_terms(row.text, self._gazetteer))
            yield
        new = _find_new(tally, candidates, earlier)
        held = _Held({one.word for one in new})
        for rows in self._read(recent.whole()) if new else ():
            for row in rows:
                held.add(row.id, read_terms(row.text, self._gazetteer))
            yield
        found = tuple(_describe(proposal, held) for proposal in _group(new, held, self._earlier))
        self.outcome = Outcome(self._day, tally.n_reports, earlier.n_reports, found)

    def _read(self, span: Span) -> Iterator[Sequence[_Row]]:
        """The reports of a time, earliest first, a page at a time."""
        after: tuple[datetime, str] | None = None
        while True:
            if self._connection is None:
                return
            rows = _read_page(self._connection, span, after)
            if not rows:
                return
            after = rows[-1].received_at, rows[-1].id
            yield rows


class _Held:
    """Which of the new words each report holds."""

    def __init__(self, words: Collection[str]) -> None:
        self.counts = Count(words)
        self.together: Counter[tuple[str, str]] = Counter()
        self.reports: list[tuple[str, frozenset[str]]] = []

    def add(self, report: str, terms: Terms) -> None:
        """Take in a report."""
        held = self.counts.add(terms)
        if held:
            self.together.update(combinations(held, 2))
            self.reports.append((report, frozenset(held)))


def _choose_spans(connection: Connection, day: date) -> tuple[Span, Span]:
    until = datetime.combine(day, time.min, tzinfo=WIB)
    spans = Span(until - RECENT, until), Span(until - RECENT - BEFORE, until - RECENT)
    recent, before = (span.thin_out(_count(connection, span)) for span in spans)
    return recent, before


def _count(connection: Connection, span: Span) -> int:
    query = select(func.count()).select_from(tables.feedback).where(*_conditions(span))
    return int(connection.execute(query).scalar_one())


def _conditions(span: Span) -> list[ColumnElement[bool]]:
    conditions = [
        _FEEDBACK.received_at >= span.since,
        _FEEDBACK.received_at < span.until,
        _FEEDBACK.restriction.is_(None),
        _FEEDBACK.erased_at.is_(None),
    ]
    if span.digits != _DIGITS:
        conditions.append(func.substr(_FEEDBACK.id, _ID_CHARS, 1).in_(list(span.digits)))
    return conditions


def _read_page(connection: Connection, span: Span, after: tuple[datetime, str] | None) -> Sequence[_Row]:
    member = tables.incident_member.c
    # Without a reporter, reports of one incident may be of one.
    reporter = func.coalesce(_FEEDBACK.reporter_digest, member.incident_id, _FEEDBACK.id)
    query = (
        select(_FEEDBACK.id, _FEEDBACK.received_at, _FEEDBACK.text, reporter.label("reporter"))
        .select_from(tables.feedback.outerjoin(tables.incident_member))
        .where(*_conditions(span))
        .order_by(_FEEDBACK.received_at, _FEEDBACK.id)
        .limit(AT_ONCE)
    )
    if after is not None:
        position = tuple_(literal(after[0], tables.Instant), after[1])
        query = query.where(tuple_(_FEEDBACK.received_at, _FEEDBACK.id) > position)
    return [_Row(*row) for row in connection.execute(query)]


def _find_new(tally: Tally, candidates: Mapping[str, int], before: Count) -> tuple[NewWord, ...]:
    if tally.n_reports < MINIMUM_RECENT or before.n_reports < MINIMUM_BEFORE:
        return ()
    return find_new_words(candidates, before.counts, tally.n_reports, before.n_reports)[:MOST_NEW]


def _group(new: Sequence[NewWord], held: _Held, earlier: Sequence[Proposal]) -> tuple[Proposal, ...]:
    # Of a sample the counts were those of the sample.
    words = [replace(one, n_reports=held.counts.counts[one.word]) for one in new]
    return name_proposals(group_words(words, held.together), earlier)


def _describe(proposal: Proposal, held: _Held) -> Found:
    words = {word for word, _ in proposal.words}
    reports = [report for report, found in held.reports if not words.isdisjoint(found)]
    return Found(proposal, len(reports), tuple(reports[-MOST_KEPT:]))
