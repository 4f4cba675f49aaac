"""Reports by topic or by district: how many, how they ended, how long an answer took, how it was liked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from service.callers import Caller
from service.cases.counting import DISTRICT, TOPIC
from service.cases.sheets import ANSWER
from service.figures.durations import Durations, describe_all
from service.figures.intervals import Rate, estimate_rate
from service.handling.holidays import read_calendar
from service.handling.workdays import WorkingDays
from service.statistics.asking import Answer, Period, Question, Reach, find_reach, list_bundles, order_labels
from service.statistics.hiding import hide_count, hide_durations, hide_rate, hide_table
from service.statistics.lengths import count_durations, read_lengths, read_running
from service.statistics.series import sum_by_topic
from service.statistics.sums import Counts, sum_counts


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one topic or district (``key``); a number is None where it is hidden or not for who asks.

    ``n_before`` is of as long a time before. Rates: ``kept`` deadlines that fell in the period and were answered,
    ``reopened`` of what was answered, ``satisfied`` of what was rated.
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
        found = [Group(key, now[key], before.get(key, 0)) for key in order_labels(TOPIC, now)]
        groups = [_hide_number(group) for group in found] if reach.is_public else found
        n = None if reach.is_public else sum(now.values())
        return Groups(
            definition=TOPIC,
            period=period,
            n=n,
            bundles=list_bundles(connection, reach, period),
            suppressed=reach.is_public,
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
    now = sum_counts(connection, reach, scope, period, question.kind)
    before = sum_counts(connection, reach, scope, period.before(), question.kind)
    working_days = WorkingDays(read_calendar(connection))
    lengths = read_lengths(connection, reach, scope, (ANSWER,), period, question.kind)
    running = read_running(connection, reach, scope, period, question.today, working_days, question.kind)
    counted = count_durations(lengths, ANSWER, running)
    took = dict(zip(counted, describe_all(list(counted.values())), strict=True))
    keys = order_labels(TOPIC, now) if scope == TOPIC else sorted(now)
    groups = [_describe(key, now[key], before.get(key, Counts()), took.get(key)) for key in keys]
    n: int | None = sum(counts.n for counts in now.values())
    if reach.is_public:
        groups, n = _hide(groups, [now[key] for key in keys])
    bundles = list_bundles(connection, reach, period)
    return Groups(
        definition=scope, period=period, n=n, bundles=bundles, suppressed=reach.is_public, groups=tuple(groups)
    )


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
        kept=estimate_rate(counts.n_kept, counts.n_judged),
        reopened=estimate_rate(counts.n_reopened, max(counts.n_answered, counts.n_reopened)),
        satisfied=estimate_rate(counts.n_satisfied, counts.n_rated),
        answer=durations,
    )


def _hide_number(group: Group) -> Group:
    return replace(group, n=None, n_before=None) if hide_count(group.n or 0) is None else group


def _hide(groups: Iterable[Group], counts: Sequence[Counts]) -> tuple[list[Group], int | None]:
    outcomes = [(one.n_open, one.n_answered, one.n_rejected, one.n_archived, one.n_erased) for one in counts]
    shown, totals, total = hide_table(outcomes)
    found = []
    for group, cells, n in zip(groups, shown, totals, strict=True):
        n_open, n_answered, n_rejected, n_archived, n_erased = cells
        found.append(
            replace(
                group,
                n=n,
                n_before=None,
                n_open=n_open,
                n_answered=n_answered,
                n_rejected=n_rejected,
                n_archived=n_archived,
                n_erased=n_erased,
                kept=hide_rate(group.kept) if group.kept and n is not None else None,
                reopened=hide_rate(group.reopened) if group.reopened and n is not None else None,
                satisfied=hide_rate(group.satisfied) if group.satisfied and n is not None else None,
                answer=hide_durations(group.answer) if n is not None else None,
            )
        )
    return found, total
