"""What a listing of reports is narrowed to: its parameters, and what they mean for the store.

A value that the taxonomy does not know is refused: an empty page would hide a slip of the pen.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, and_, not_

from service.auditing.blinding import is_withheld
from service.callers import Caller
from service.context import Context
from service.faults import invalid_fields
from service.handling.states import OPEN, State
from service.listing import Filters
from service.problems import FieldError
from service.requests import (
    AgencySlug,
    Cursor,
    ExternalId,
    Instant,
    KindSlug,
    Limit,
    OfficeCode,
    Strict,
    TopicSlug,
    UrgencySlug,
)

# A month of a city of a million reports is looked through in a fraction of a second.
_SEARCHED: Final = timedelta(days=92)
_HEADS: Final = ("agency", "topic", "urgency", "kind")


class FeedbackQuery(Strict):
    """What a listing is narrowed to, and which page of it."""

    agency: AgencySlug | None = None
    topic: TopicSlug | None = None
    urgency: UrgencySlug | None = None
    kind: KindSlug | None = None
    external_id: ExternalId | None = None
    state: State | None = None
    alarm: Annotated[
        Literal["urgent", "watch"] | None, Field(description="A possible emergency: to be told at once, or looked at.")
    ] = None
    unit: Annotated[OfficeCode | None, Field(description="The code of a village or district office.")] = None
    overdue: Annotated[
        bool | None, Field(description="`true`: the clock has run out and nobody answered. `false`: all others.")
    ] = None
    unacknowledged: Annotated[bool | None, Field(description="`true`: emergencies nobody has acknowledged.")] = None
    open: Annotated[bool | None, Field(description="`true`: nothing has ended it, as figures count.")] = None
    placed: Annotated[
        bool | None, Field(description="`true`: its agency has it or was said by a person, as figures count.")
    ] = None
    due_before: Annotated[Instant | None, Field(description="The clock runs out before this instant.")] = None
    since: Annotated[Instant | None, Field(description="Received at or after this instant.")] = None
    until: Annotated[Instant | None, Field(description="Received before this instant.")] = None
    district: Annotated[
        str | None,
        Field(
            max_length=80, pattern=r"^[^\u0000]+$", description="The code of a district, or its name as it was sent."
        ),
    ] = None
    incident: Annotated[
        str | None, Field(max_length=36, pattern=r"^[0-9a-f-]+$", description="Reports of this incident.")
    ] = None
    proposal: Annotated[
        str | None,
        Field(max_length=20, pattern=r"^[a-z0-9-]+$", description="Reports behind this proposed topic."),
    ] = None
    words: Annotated[
        str | None,
        Field(
            max_length=200,
            pattern=r"^[^\u0000]+$",
            description="Words the masked text holds, all of them; with `since`, and at most 92 days together.",
        ),
    ] = None
    cursor: Cursor | None = None
    limit: Limit = 50


def read_filters(context: Context, asked: FeedbackQuery, now: datetime) -> Filters:
    """The filters of a query.

    Raises
    ------
    ProblemError
        A value is unknown.
    """
    errors = [
        FieldError("parameter", head, f"is no {head} of the taxonomy; send a slug of it")
        for head in _HEADS
        if getattr(asked, head) is not None and getattr(asked, head) not in context.taxonomy.heads[head]
    ]
    errors += _check_search(asked, now)
    places = context.router.gazetteer.entries
    if asked.unit is not None and places and asked.unit not in places:
        errors.append(FieldError("parameter", "unit", "is no code of a place that is known here"))
    if errors:
        raise invalid_fields(errors)
    ends = [end for end in (asked.due_before, now if asked.overdue else None) if end is not None]
    return Filters(
        agency=asked.agency,
        topic=asked.topic,
        urgency=asked.urgency,
        kind=asked.kind,
        external_id=asked.external_id,
        since=asked.since,
        until=asked.until,
        # Only open reports have a clock that runs: said, so that the index of states and clocks serves.
        states=(asked.state,) if asked.state else OPEN if ends else (),
        alarm=asked.alarm,
        unit=asked.unit,
        due_before=min(ends, default=None),
        not_due_at=now if asked.overdue is False else None,
        district=asked.district,
        incident=asked.incident,
        proposal=asked.proposal,
        is_unseen=asked.unacknowledged is True,
        open_states=OPEN if asked.open else (),
        is_placed=asked.placed is True,
        words=tuple((asked.words or "").split()),
    )


def narrow_blind(visible: ColumnElement[bool], filters: Filters, caller: Caller) -> ColumnElement[bool]:
    """What is visible of a listing: asked for a label, it does not tell by what is listed what must stay unknown."""
    by_label = (filters.agency, filters.topic, filters.kind, filters.urgency, filters.unit, filters.incident)
    return and_(visible, not_(is_withheld(caller))) if any(by_label) else visible


def _check_search(asked: FeedbackQuery, now: datetime) -> list[FieldError]:
    """Words are looked for row by row, so the time must be bounded."""
    if asked.words is None:
        return []
    if asked.since is None:
        return [FieldError("parameter", "since", "is required with words")]
    if (asked.until or now) - asked.since > _SEARCHED:
        return [FieldError("parameter", "until", f"lies more than {_SEARCHED.days} days after since; search less time")]
    return []
