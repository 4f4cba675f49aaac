"""What the JSON interface takes: fields, their limits, and what a wrong one is told.

Only shapes; nothing here classifies or stores. Unknown fields are refused by name.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

MAX_TEXTS = 1_000
CURSOR_FORMAT = "pilah-cursor"
MAX_LIMIT = 200
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Clocks of two machines differ; a report from the day after tomorrow is a mistake.
_FUTURE = timedelta(days=1)
# The classes as they stand in the description too, in the syntax that Python and JSON Schema share.
FORMLESS = (
    r"\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff"
    r"\u20d0-\u20ff\ufe20-\ufe2f"
)
_NOT_NUL = r"[^\u0000]"
_VISIBLE = re.compile(f"[^{FORMLESS}]")
_WORDS_PATTERN = f"^{_NOT_NUL}*[^{FORMLESS}]{_NOT_NUL}*$"


def check_characters(text: str) -> str:
    """Refuse what no store keeps: NUL, and halves of surrogate pairs (a JSON escape can spell them)."""
    place = text.find("\0")
    if place >= 0:
        raise PydanticCustomError("nul", "holds a NUL character at position {place}; send text only", {"place": place})
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError(
            "surrogate",
            "holds half of a surrogate pair at position {place}, which is no character; send whole characters",
            {"place": error.start},
        ) from error
    return text


def check_words(text: str) -> str:
    """Refuse a text that shows nothing: empty, white space, characters without a form."""
    if _VISIBLE.search(text) is None:
        raise PydanticCustomError("empty", "is empty; send what the citizen wrote")
    return check_characters(text)


def _parse_instant(value: object) -> object:
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "is no instant; write it as 2026-01-31T08:15:00+07:00")
    try:
        instant = datetime.fromisoformat(value.strip().upper())
    except ValueError as error:
        raise PydanticCustomError("instant", "is no instant; write it as 2026-01-31T08:15:00+07:00") from error
    if instant.tzinfo is None:
        raise PydanticCustomError("zone", "has no time zone; add one, such as +07:00 for western Indonesia")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("instant", "lies outside the years 1 to 9999") from error


def unite_numbers(value: object) -> object:
    """A whole number, however it is written; JSON knows no difference between 4 and 4.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_received(instant: datetime | None) -> datetime | None:
    if instant is not None and not _EARLIEST <= instant <= datetime.now(UTC) + _FUTURE:
        raise PydanticCustomError("range", "lies before the year 2000 or in the future")
    return instant


def _known_here(format_: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": 80, "format": format_})


Words = Annotated[
    str,
    Field(strict=True),
    AfterValidator(check_words),
    WithJsonSchema({"type": "string", "pattern": _WORDS_PATTERN}),
]
MAX_PROSE_CHARS = 10_000
Prose = Annotated[
    str,
    Field(strict=True, max_length=MAX_PROSE_CHARS),
    AfterValidator(check_words),
    WithJsonSchema({"type": "string", "maxLength": MAX_PROSE_CHARS, "pattern": _WORDS_PATTERN}),
]
Line = Annotated[
    str,
    Field(strict=True, max_length=200),
    AfterValidator(check_characters),
    WithJsonSchema({"type": "string", "maxLength": 200, "pattern": f"^{_NOT_NUL}*$"}),
]
Slug = Annotated[str, Field(strict=True, max_length=80, pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Channel = Annotated[str, Field(strict=True, max_length=40, pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Name = Annotated[
    str,
    Field(strict=True, max_length=200),
    AfterValidator(check_words),
    WithJsonSchema({"type": "string", "maxLength": 200, "pattern": _WORDS_PATTERN}),
]
# Slugs of which each installation knows its own; the format says where they stand: in the taxonomy, or in the places.
AgencySlug = Annotated[Slug, _known_here("pilah-agency")]
TopicSlug = Annotated[Slug, _known_here("pilah-topic")]
UrgencySlug = Annotated[Slug, _known_here("pilah-urgency")]
KindSlug = Annotated[Slug, _known_here("pilah-kind")]
# Empty where no element of the service failed.
AspectSlug = Annotated[str, Field(strict=True, max_length=80, pattern=r"^[a-z0-9.-]*$"), _known_here("pilah-aspect")]
OfficeCode = Annotated[Slug, _known_here("pilah-office")]
ExternalId = Annotated[str, Field(strict=True, max_length=200, pattern=r"^[ -~]+$")]
Address = Annotated[str, Field(strict=True, max_length=2_000, pattern=r"^https?://[!-~]+$")]
Instant = Annotated[
    datetime,
    BeforeValidator(_parse_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339, with a time zone"}),
]
Cursor = Annotated[
    str, Field(max_length=200, description="`next` of the page before.", json_schema_extra={"format": CURSOR_FORMAT})
]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


class Strict(BaseModel):
    """A body or query of which every field is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClassifyRequest(Strict):
    """One text, or up to 1,000; exactly one of ``text`` and ``texts``."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["text"], "not": {"required": ["texts"]}},
                {"required": ["texts"], "not": {"anyOf": [{"required": ["text"]}, {"required": ["title"]}]}},
            ]
        }
    )

    text: Annotated[Words, Field(description="What the citizen wrote; at most 65,536 bytes, title included.")] = ""
    title: Annotated[Line | None, Field(description="Read before the text. Not together with `texts`.")] = None
    texts: Annotated[
        list[object],
        Field(
            strict=True,
            min_length=1,
            max_length=MAX_TEXTS,
            description="Many texts. One that cannot be read gets a problem in its place, the others a prediction.",
        ),
    ] = []
    explain: Annotated[bool, Field(strict=True, description="Whether to say which words decided.")] = True

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        has_text, has_texts = "text" in self.model_fields_set, "texts" in self.model_fields_set
        if has_text == has_texts:
            raise PydanticCustomError("choice", "give either text or texts")
        if has_texts and "title" in self.model_fields_set:
            raise PydanticCustomError("choice", "title goes with text, not with texts")
        return self


class FeedbackRequest(Strict):
    """A report as the complaint app knows it. Only ``text`` is needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["lat", "lon"], "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
                {"properties": {"lat": {"type": "null"}, "lon": {"type": "null"}}},
            ]
        }
    )

    text: Annotated[Words, Field(description="What the citizen wrote; at most 65,536 bytes, title included.")]
    title: Line | None = None
    external_id: Annotated[
        ExternalId | None, Field(description="The id in the app; stands for one report in this installation.")
    ] = None
    received_at: Annotated[
        Instant | None,
        AfterValidator(_check_received),
        Field(description="When the citizen sent it; now, when left out."),
    ] = None
    channel: Annotated[Channel | None, Field(description="Where it came in, such as `hallo-sawahlunto`.")] = None
    reporter_ref: Annotated[
        ExternalId | None, Field(description="The same for all reports of a person; only a keyed hash is kept.")
    ] = None
    district: Line | None = None
    village: Line | None = None
    lat: Annotated[float | None, Field(strict=True, ge=-90, le=90)] = None
    lon: Annotated[float | None, Field(strict=True, ge=-180, le=180)] = None
    address: Annotated[Line | None, Field(description="Stored masked, as title, district and village are.")] = None
    rating: Annotated[int | None, Field(strict=True, ge=1, le=5), BeforeValidator(unite_numbers)] = None
    about: Annotated[Slug | None, Field(description="The unit complained of: an agency's slug or a place's code.")] = (
        None
    )
    sender_topic: Annotated[
        Slug | None,
        Field(description="The topic the sender chose, a slug; kept as the sender's word beside the tags, no label."),
    ] = None
    attachments: Annotated[
        list[Address], Field(strict=True, max_length=20, description="Where pictures lie; Pilah does not fetch them.")
    ] = []
    source_url: Annotated[Address | None, Field(description="Leads an officer to the original in the app.")] = None

    @model_validator(mode="after")
    def _check_position(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("position", "lat and lon belong together; give both or neither")
        return self
