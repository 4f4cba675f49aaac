"""What the edge takes: the form of a report and the query of a listing, as text, field by field.

An empty field is one that was not sent. The sender's names are kept nowhere; of account, device, mail and telephone
the first becomes the opaque reference of the reporter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, Self, get_args
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service import problems
from service.open311.services import AUTO
from service.problems import FieldError, ProblemError
from service.requests import Address, ExternalId, FeedbackRequest, Instant, Line, Slug, Strict, Words, check_characters

MAX_FIELDS: Final = 100
MAX_PAGE_SIZE: Final = 1_000
LONGEST_SPAN: Final = timedelta(days=90)
CHANNEL: Final = "open311"
Status = Literal["open", "closed"]
_NAME_MASK: Final = "[NAMA]"
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")
# These may stand several times, or once with commas.
_LISTS: Final = frozenset({"service_request_id", "service_code", "status"})


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in UTF-8, in order.

    Raises
    ------
    ProblemError
        It is not UTF-8, or has too many fields.
    """
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise ProblemError(problems.NOT_UTF8, "The form is not UTF-8; encode it as UTF-8.") from error
    except ValueError as error:
        raise ProblemError(problems.BAD_REQUEST, f"The form has more than {MAX_FIELDS} fields.") from error


def collect(pairs: Iterable[tuple[str, str]], lists: frozenset[str] = frozenset()) -> dict[str, str]:
    """Fields by name without the empty ones; those of ``lists`` may stand several times.

    Raises
    ------
    ProblemError
        A field stands twice.
    """
    given = [(name, value) for name, value in pairs if value.strip()]
    counts = Counter(name for name, _ in given if name not in lists)
    twice = [FieldError("parameter", name[:40], "stands twice") for name, count in counts.items() if count > 1]
    if twice:
        raise ProblemError(problems.BAD_REQUEST, "A field stands twice.", errors=twice)
    collected: dict[str, str] = {}
    for name, value in given:
        collected[name] = f"{collected[name]},{value}" if name in collected else value
    return collected


def _parse_number(value: object) -> object:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise PydanticCustomError("number", "is no number of degrees; write it as -0.6781")
        return float(value)
    return value


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _mend_zone(value: object) -> object:
    """A plus that was not escaped in the address reads as a space."""
    return value.strip().replace(" ", "+") if isinstance(value, str) else value


def _read_count(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


Number = Annotated[float, BeforeValidator(_parse_number)]
Count = Annotated[int, BeforeValidator(_read_count), Field(strict=True, ge=1)]
W3cInstant = Annotated[Instant, BeforeValidator(_mend_zone)]
Code = Annotated[str, Field(max_length=80), AfterValidator(check_characters)]


class Addressed(Strict):
    """What every call may carry."""

    api_key: str | None = None
    jurisdiction_id: Annotated[str | None, Field(max_length=200)] = None


class ReportForm(Addressed):
    """A report as GeoReport sends it."""

    service_code: Code
    description: Words
    lat: Annotated[Number | None, Field(ge=-90, le=90)] = None
    long: Annotated[Number | None, Field(ge=-180, le=180)] = None
    address_string: Line | None = None
    address_id: Line | None = None
    account_id: ExternalId | None = None
    device_id: ExternalId | None = None
    email: ExternalId | None = None
    phone: ExternalId | None = None
    first_name: Line | None = None
    last_name: Line | None = None
    media_url: Address | None = None

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.lat is None) != (self.long is None):
            raise PydanticCustomError("position", "lat and long belong together; give both or neither")
        if self.address_id is not None and self.lat is None and self.address_string is None:
            raise PydanticCustomError(
                "address", "address_id alone leads nowhere, for this city has no list of them; send address_string"
            )
        return self

    def to_feedback(self) -> FeedbackRequest:
        """The report that is stored; who sent it becomes a reference."""
        return FeedbackRequest(
            text=self._hide_sender(self.description),
            channel=CHANNEL,
            reporter_ref=self.account_id or self.device_id or self._plain_email() or self._plain_phone(),
            lat=self.lat,
            lon=self.long,
            address=self._hide_sender(self.address_string) if self.address_string else None,
            sender_topic=self.service_code if self.service_code != AUTO else None,
            attachments=[self.media_url] if self.media_url else [],
        )

    def _plain_email(self) -> str | None:
        return self.email.strip().lower() if self.email else None

    def _plain_phone(self) -> str | None:
        """The number as one writes it in the country, however it was sent."""
        if self.phone is None:
            return None
        digits = re.sub(r"\D", "", self.phone)
        return f"0{digits.removeprefix('62')}" if digits.startswith("62") else digits or None

    def _hide_sender(self, text: str) -> str:
        """``text`` without the sender's whole name, which no cue need announce; one word of it may mean anything."""
        name = " ".join(part for part in (self.first_name, self.last_name) if part).split()
        if len(name) < 2:  # noqa: PLR2004  # a name of one word
            return text
        return re.sub(r"(?<!\w)" + r"\s+".join(map(re.escape, name)) + r"(?!\w)", _NAME_MASK, text, flags=re.IGNORECASE)


class RequestsQuery(Addressed):
    """What a listing is narrowed to, and which page of it; ids override everything else."""

    service_request_id: Annotated[tuple[Code, ...], BeforeValidator(_split)] = ()
    service_code: Annotated[tuple[Slug, ...], BeforeValidator(_split)] = ()
    start_date: W3cInstant | None = None
    end_date: W3cInstant | None = None
    status: Annotated[tuple[Status, ...], BeforeValidator(_split)] = ()
    page: Annotated[Count, Field(le=100_000)] = 1
    page_size: Annotated[Count, Field(le=MAX_PAGE_SIZE)] = MAX_PAGE_SIZE

    @model_validator(mode="after")
    def _check_span(self) -> Self:
        if self.start_date is not None and self.end_date is not None:
            if self.end_date < self.start_date:
                raise PydanticCustomError("span", "end_date lies before start_date")
            if self.end_date - self.start_date > LONGEST_SPAN:
                raise PydanticCustomError("span", "start_date and end_date span more than 90 days; ask in parts")
        return self

    def span(self) -> tuple[datetime, datetime]:
        """Since and until when reports are asked for: at most 90 days, the last ones when nothing is said."""
        if self.start_date is not None:
            return self.start_date, self.end_date or _shift(self.start_date, LONGEST_SPAN)
        # A sender's clock may be ahead.
        end = self.end_date or datetime.now(UTC) + timedelta(days=1)
        return _shift(end, -LONGEST_SPAN), end

    def statuses(self) -> Sequence[Status]:
        """The statuses that are asked for; all of them is none."""
        return () if set(self.status) == set(get_args(Status)) else self.status


def read_query(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The parameters of an address, as `collect`."""
    return collect(pairs, _LISTS)


def _shift(instant: datetime, span: timedelta) -> datetime:
    try:
        return instant + span
    except OverflowError:
        return instant
