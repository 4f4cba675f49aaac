"""When each report of the demo comes in, and from whom: in its season, in a history that ends now.

Deterministic: chance comes from the seed and the report's own id, so that neither order nor number of workers matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

from service.demo.authored import FLOOD, OUTAGE, Authored, IncidentReport, read_authored, read_incident
from service.demo.truths import BURST_DAYS, BURST_REPORTS, BURST_TOPIC, SHARE_OF_YEAR, SLOW_OFFICE, Planted, plant
from service.handling.clock import WIB, local_day

# A city that gets fewer has a history of one year: twenty reports a month are 240.
SMALL: Final = 720
_SMALL_HISTORY: Final = timedelta(days=365)
_N_REPORTERS_A_REPORT: Final = 0.55
_SMS_WITH_NUMBER: Final = 0.5
_RATED: Final = 0.35
_OUTAGE_AGE: Final = timedelta(hours=30)
# An emergency of this very hour that nobody has seen, and one of this morning that was.
_UNSEEN: Final = timedelta(minutes=9)
_SEEN: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Order:
    """The demo that is wanted: of ``n_reports`` (None for all there are), by a seed, ending at an instant."""

    now: datetime
    seed: int = 1
    n_reports: int | None = None

    @property
    def is_small(self) -> bool:
        """Whether it is that of a small city, with a history of one year."""
        return self.n_reports is not None and self.n_reports <= SMALL

    def chance(self, *what: object) -> Random:
        """A source of chance for one thing."""
        return Random(f"{self.seed} {' '.join(map(str, what))}")  # noqa: S311  # made-up history, no secret


@dataclass(frozen=True, slots=True)
class Sent:
    """A report as it is sent in: of an incident, or one that nobody looks at yet."""

    authored: Authored
    received_at: datetime
    reporter_ref: str | None
    rating: int | None
    is_unseen: bool = False
    is_of_incident: bool = False


def date_reports(order: Order, planted: Planted) -> list[Sent]:
    """All reports of the demo, in the order in which they come in."""
    incidents = _date_incidents(order, planted)
    authored = _choose(order, read_authored(), len(incidents))
    sent = [_send(one, _date(order, one), order) for one in authored]
    if not order.is_small:
        sent = _burst(order, sent)
    sent = _raise_today(order, sent)
    return sorted([*sent, *incidents], key=lambda one: (one.received_at, one.authored.id))


def _choose(order: Order, authored: Sequence[Authored], n_others: int) -> list[Authored]:
    if order.n_reports is None or order.n_reports - n_others >= len(authored):
        return list(authored)
    return order.chance("which").sample(list(authored), max(0, order.n_reports - n_others))


def _date(order: Order, authored: Authored) -> datetime:
    """The same day and hour in one of the years of the history."""
    n_years = 1 if order.is_small else len(SHARE_OF_YEAR)
    local = authored.written_at.astimezone(WIB)
    minutes = order.chance("minute", authored.id).randrange(60)
    moment = local.replace(minute=minutes)
    last = order.now.astimezone(WIB)
    newest = last.year if _in_year(moment, last.year) <= last else last.year - 1
    ages = [*range(n_years - 1, -1, -1)]
    (age,) = order.chance("year", authored.id).choices(ages, SHARE_OF_YEAR[-n_years:])
    return _in_year(moment, newest - age).astimezone(UTC)


def _in_year(moment: datetime, year: int) -> datetime:
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=year, day=day)


def _send(authored: Authored, received_at: datetime, order: Order) -> Sent:
    chance = order.chance("sender", authored.id)
    n_reporters = (order.n_reports or 6_500) * _N_REPORTERS_A_REPORT
    ref = f"warga-{int(n_reporters * chance.random() ** 1.5):04d}"
    is_known = authored.channel != "sms" or chance.random() < _SMS_WITH_NUMBER
    return Sent(authored, received_at, ref if is_known else None, _rate(authored, order))


def _rate(authored: Authored, order: Order) -> int | None:
    """How content the sender is; the app asks, and a third answers."""
    chance = order.chance("rating", authored.id)
    if authored.channel != "aplikasi" or chance.random() > _RATED:
        return None
    if authored.kind == "apresiasi":
        return chance.choice((4, 5, 5))
    if authored.kind == "pengaduan":
        return chance.choice((1, 1, 2, 2, 3) if authored.agency == SLOW_OFFICE else (1, 2, 3, 3, 4))
    return chance.choice((3, 4, 4, 5))


def _burst(order: Order, sent: Sequence[Sent]) -> list[Sent]:
    """Move reports of one topic into the last weeks, as when something begins."""
    own = [one.authored.id for one in sent if one.authored.topic == BURST_TOPIC]
    n_moved = min(len(own), round(BURST_REPORTS * (order.n_reports or 6_449) / 6_449))
    moved = set(order.chance("burst").sample(own, n_moved))
    return [_hasten(order, one) if one.authored.id in moved else one for one in sent]


def _hasten(order: Order, sent: Sent) -> Sent:
    chance = order.chance("burst", sent.authored.id)
    # More of them every day.
    age = timedelta(days=BURST_DAYS * (1 - chance.random() ** 0.6)) + timedelta(hours=1)
    return replace(sent, received_at=order.now - age)


def _raise_today(order: Order, sent: Sequence[Sent]) -> list[Sent]:
    """Let two emergencies be of today."""
    urgent = [one.authored.id for one in sent if one.authored.urgency == "darurat"]
    chosen = order.chance("today").sample(urgent, min(2, len(urgent)))
    ages = dict(zip(chosen, (_UNSEEN, _SEEN), strict=False))
    return [
        replace(one, received_at=order.now - ages[one.authored.id], is_unseen=ages[one.authored.id] == _UNSEEN)
        if one.authored.id in ages
        else one
        for one in sent
    ]


def _date_incidents(order: Order, planted: Planted) -> list[Sent]:
    flood, outage = read_incident(FLOOD), read_incident(OUTAGE)
    if order.is_small:
        flood, outage = flood[:8], outage[:3]
    began = datetime.combine(planted.flooded_on, time(17, 20), tzinfo=WIB).astimezone(UTC)
    if order.is_small and began < order.now - _SMALL_HISTORY:
        flood = []
    return [*_tell(flood, began), *_tell(outage, order.now - _OUTAGE_AGE)]


def _tell(reports: Sequence[IncidentReport], began: datetime) -> list[Sent]:
    """Each report of an incident by somebody else."""
    return [
        Sent(
            one.authored,
            began + timedelta(minutes=one.minutes),
            f"warga-{one.authored.id}",
            rating=None,
            is_of_incident=True,
        )
        for one in reports
    ]


def count_reports(order: Order) -> int:
    """How many reports a demo has."""
    return len(date_reports(order, plant(local_day(order.now))))
