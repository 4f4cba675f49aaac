"""What the routes of events take and give, as models."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from model.offices import LOCAL_OFFICES
from service.answers import Described, StoredClock
from service.handling.states import DISPOSED, NAME_AN_AGENCY, EventType, State
from service.requests import AgencySlug, Instant, OfficeCode, Prose, Strict, unite_numbers

# The clocks of two machines differ.
_SKEW: Final = timedelta(minutes=2)


def _check_past(instant: datetime | None) -> datetime | None:
    if instant is not None and instant > datetime.now(UTC) + _SKEW:
        raise PydanticCustomError("future", "lies in the future; send what has happened")
    return instant


def _describe_places() -> JsonDict:
    """Which types of events go with an agency and a unit, for the description of the interface."""
    nothing: JsonDict = {"type": "null"}
    agency: JsonDict = {"type": "string", "format": "pilah-agency"}
    office: JsonDict = {"type": "string", "format": "pilah-office"}
    disposed: JsonDict = {"const": DISPOSED}
    named: JsonDict = {"enum": [*sorted(NAME_AN_AGENCY - {DISPOSED})]}
    others: JsonDict = {"enum": [type_ for type_ in get_args(EventType) if type_ not in NAME_AN_AGENCY]}
    return {
        "anyOf": [
            {"required": ["agency"], "properties": {"type": disposed, "agency": agency, "unit": nothing}},
            {
                "required": ["agency", "unit"],
                "properties": {"type": disposed, "agency": {"const": LOCAL_OFFICES}, "unit": office},
            },
            {"properties": {"type": named, "unit": nothing}},
            {"properties": {"type": others, "agency": nothing, "unit": nothing}},
        ]
    }


class EventRequest(Strict):
    """What a person did with a report."""

    model_config = ConfigDict(json_schema_extra=_describe_places())

    type: EventType
    at: Annotated[
        Instant | None,
        AfterValidator(_check_past),
        Field(description="When it happened; now, when left out. Not before the event before it."),
    ] = None
    agency: Annotated[
        AgencySlug | None,
        Field(
            description="With `didisposisi`: where it goes. With `koordinasi` and `ditolak_bukan_kewenangan`: with "
            "whom, or whose it is; the report stays."
        ),
    ] = None
    unit: Annotated[
        OfficeCode | None,
        Field(description="With `didisposisi` to `kecamatan-kelurahan-desa`: the code of the office."),
    ] = None
    note: Annotated[Prose | None, Field(description="For officers; stored masked.")] = None
    public_reply: Annotated[Prose | None, Field(description="For the reporter; stored masked.")] = None
    after: Annotated[
        int | None,
        Field(
            strict=True,
            ge=0,
            le=1_000_000_000,
            description="`number` of the last event the sender has seen, 0 for none: the event is refused when "
            "another one came since.",
        ),
        BeforeValidator(unite_numbers),
    ] = None


class EventAnswer(Described):
    """An event as it is stored; `note` and `actor` are null for keys that only send reports or analyse."""

    id: str
    feedback: str
    number: Annotated[int, Field(ge=1)]
    type: EventType
    at: datetime
    stored_at: datetime
    actor: str | None
    agency: Annotated[str | None, Field(description="The one it names, else the one where the report lay.")]
    unit: str | None
    note: str | None
    public_reply: str | None
    state: Annotated[State, Field(description="Of the report after it.")]


class TimeParts(Described):
    """Whose the time of the report was, in seconds; the parts sum to `whole_s`."""

    ended_at: Annotated[datetime, Field(description="Of the answer or end that still holds; now, without one.")]
    whole_s: float
    verification_s: float
    misrouted_s: Annotated[
        float, Field(description="With an agency that gave it back or passed it on untouched, and until the next.")
    ]
    handling_s: Annotated[dict[str, float], Field(description="By agency: its own handling.")]
    reporter_s: Annotated[float, Field(description="While the reporter was asked.")]
    rest_s: Annotated[float, Field(description="After an answer or end that did not last.")]


class EventList(Described):
    """All events of a report, earliest first."""

    events: list[EventAnswer]
    allowed: Annotated[list[EventType], Field(description="What this key may send now.")]
    time: TimeParts
    clocks: Annotated[list[StoredClock], Field(description="All revisions of its clock, earliest first.")]
