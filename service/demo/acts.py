"""What stories of the demo are told with: the acts of people, the steps they make, what all stories share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.demo.dating import Order
from service.demo.truths import Planted
from service.demo.worktime import Worktime


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody says what a report is; ``aspect`` empty for none."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody does something with a report; ``needs_unit`` where the agency has many offices."""

    type: str
    agency: str | None = None
    unit: str | None = None
    note: str | None = None
    public_reply: str | None = None


@dataclass(frozen=True, slots=True)
class Calling:
    """The service tells again what emergencies nobody has seen."""


Act = Saying | Doing | Calling


@dataclass(frozen=True, slots=True)
class Step:
    """An act of somebody, by login, on a report at an instant."""

    at: datetime
    feedback_id: str
    login: str
    act: Act


@dataclass(frozen=True, slots=True)
class Found:
    """What the service made of a report when it came in; ``about`` is the unit that was read from its text."""

    feedback_id: str
    is_alarmed: bool
    restriction: str | None
    about: str | None


@dataclass(frozen=True, slots=True)
class World:
    """What all stories share."""

    order: Order
    planted: Planted
    worktime: Worktime
    replies: Mapping[str, tuple[str, ...]]
    external: frozenset[str]
    city: tuple[str, ...]
    villages: tuple[str, ...]
    local_offices: str
    triage_office: str
