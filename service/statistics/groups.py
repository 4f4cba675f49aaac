"""Reports by topic or by district: how many, how they ended, how long an answer took, how it was liked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from model.offices import DISTRICT_KIND
from service.callers import Caller
from service.cases.counting import ALL, DISTRICT, TOPIC
from service.cases.districts import shipped_gazetteer
from service.cases.sheets import ANSWER
from service.figures.durations import Durations, describe_all
from service.figures.intervals import Rate, estimate_rate
from service.handling.holidays import read_calendar
from service.handling.workdays import WorkingDays
from service.statistics.asking import (
    Answer,
    Period,
    Question,
    Reach,
    find_reach,
    list_bundles,
    list_labels,
    order_labels,
)
from service.statistics.hiding import (
    PublicSpan,
    find_public_span,
    hide_count,
    hide_durations,
    hide_rates,
    hide_table,
)
from service.statistics.judging import judge_counts
from service.statistics.lengths import count_durations, read_lengths, read_running
from service.statistics.series import sum_by_topic
from service.statistics.sums import Counts, add_up, name_outcomes, sum_counts


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one topic or district (``key``); a number is None where it is hidden or not for who asks.

    ``n_before`` is of as long a time before, told of a period that is over. Rates: ``kept`` of deadlines that fell in
    the period and are over, ``reopened`` of what was ever answered, ``satisfied`` of what was rated. In public a month
    has counts alone, and a year rates and durations alone.
    """

    key: str
    n: int | None
    n_before: int | None
    n_open: int | None = None
    n_answered: int | None = None
    n_rejected: int | None = None
    n_archived: int | None = None
    n_erased: int | None = None
    kept: Rate | None = None
    reopened: Rate | None = None
    satisfied: Rate | None = None
    answer: Durations | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Answer):
    """All topics in the order of the taxonomy, or all districts in that of their names."""

    groups: tuple[Group, ...]


def topics(connection: Connection, caller: Caller, question: Question) -> Groups:
    """Reports by topic; a caller of one agency gets their numbers alone."""
    reach = find_reach(caller, is_public=question.is_public)
    period = question.period.widen()
    if reach.agency is not None:
        now, before = (sum_by_topic(connection, reach, part) for part in (period, period.before()))
        is_over = period.end < question.today
        groups = [Group(key, now[key], before.get(key, 0) if is_over else None) for key in order_labels(TOPIC, now)]
        return Groups(
            definition=TOPIC,
            period=period,
            n=sum(now.values()),
            bundles=list_bundles(connection, reach, period),
            groups=tuple(groups),
        )
    return _group(connection, reach, TOPIC, period, question)


def districts(connection: Connection, caller: Caller, question: Question) -> Groups:
    """Reports by district; none for a caller of one agency, whose reports alone are not kept by district."""
    reach = find_reach(caller, is_public=question.is_public)
    period = question.period.widen()
    if reach.agency is not None:
        return Groups(definition=DISTRICT, period=period, n=0, bundles=(), groups=())
    return _group(connection, reach, DISTRICT, period, question)


def _group(connection: Connection, reach: Reach, scope: str, period: Period, question: Question) -> Groups:
    now = _sum(connection, reach, scope, period, question)
    before = sum_counts(connection, reach, scope, period.before(), question.kind)
    working_days = WorkingDays(read_calendar(connection))
    lengths = read_lengths(connection, reach, scope, (ANSWER,), period, question.kind)
    running = read_running(connection, reach, scope, period, question.today, working_days, question.kind)
    counted = count_durations(lengths, ANSWER, running)
    took = dict(zip(counted, describe_all(list(counted.values())), strict=True))
    keys = _list_public(scope, now) if reach.is_public else order_labels(TOPIC, now) if scope == TOPIC else sorted(now)
    groups = [_describe(key, now.get(key, Counts()), before.get(key, Counts()), took.get(key)) for key in keys]
    if period.end >= question.today:
        # A time that runs on is not as long as the one before it.
        groups = [replace(group, n_before=None) for group in groups]
    n: int | None = sum(counts.n for counts in now.values())
    if reach.is_public:
        whole = add_up(_sum(connection, reach, ALL, period, replace(question, kind=None)).values())
        span = find_public_span(period, question.today)
        n = hide_count(whole.n) if span == "month" else None
        groups = _publish(groups, [now.get(key, Counts()) for key in keys], whole, span)
    bundles = list_bundles(connection, reach, period)
    return Groups(
        definition=scope, period=period, n=n, bundles=bundles, suppressed=reach.is_public, groups=tuple(groups)
    )


def _sum(connection: Connection, reach: Reach, scope: str, period: Period, question: Question) -> dict[str, Counts]:
    counts = sum_counts(connection, reach, scope, period, question.kind)
    return judge_counts(connection, reach, scope, counts, period, question.today, question.kind)


def _list_public(scope: str, found: Collection[str]) -> list[str]:
    """All topics or known districts, so that none is told to have something by standing there.

    What senders wrote as a district may be an address.
    """
    if scope == TOPIC:
        return order_labels(TOPIC, {*list_labels(TOPIC), *found})
    return sorted(entry.code for entry in shipped_gazetteer().entries.values() if entry.kind == DISTRICT_KIND)


def _describe(key: str, counts: Counts, before: Counts, durations: Durations | None) -> Group:
    return Group(
        key=key,
        n=counts.n,
        n_before=before.n,
        n_open=counts.n_open,
        n_answered=counts.n_answered,
        n_rejected=counts.n_rejected,
        n_archived=counts.n_archived,
        n_erased=counts.n_erased,
        kept=estimate_rate(*counts.kept()),
        reopened=estimate_rate(*counts.reopened()),
        satisfied=estimate_rate(*counts.satisfied()),
        answer=durations,
    )


def _publish(groups: Sequence[Group], counts: Sequence[Counts], whole: Counts, span: PublicSpan | None) -> list[Group]:
    """What everybody may see: the counts of a month, or the shares and durations of a year."""
    bare = [Group(group.key, None, None) for group in groups]
    if span == "month":
        cells = hide_table([one.outcomes for one in counts], whole.outcomes)
        return [replace(group, n=n, **name_outcomes(own)) for group, (own, n) in zip(bare, cells, strict=True)]
    if span is None:
        return bare
    rates = [
        hide_rates([pair(one) for one in counts], pair(whole))
        for pair in (Counts.kept, Counts.reopened, Counts.satisfied)
    ]
    return [
        replace(bare_, kept=kept, reopened=reopened, satisfied=satisfied, answer=hide_durations(group.answer))
        for bare_, group, kept, reopened, satisfied in zip(bare, groups, *rates, strict=True)
    ]
