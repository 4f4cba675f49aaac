"""What the routes of webhooks take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from service.answers import Described
from service.requests import CURSOR_FORMAT, MAX_LIMIT, Slug, Strict

URL_FORMAT = "pilah-webhook-url"
MAX_OVERLAP_HOURS = 168
MessageType = Literal["feedback.routed", "feedback.urgent", "feedback.changed"]
ALL_TYPES: tuple[MessageType, ...] = ("feedback.routed", "feedback.urgent", "feedback.changed")
HearingScope = Literal["oversight", "admin"]
State = Literal["waiting", "sent", "dead", "withdrawn"]

Url = Annotated[
    str,
    Field(
        strict=True,
        max_length=2_000,
        pattern=r"^https?://[!-~]+$",
        description="https, and a public address unless the operator listed the host (`PILAH_WEBHOOK_HOSTS`).",
        json_schema_extra={"format": URL_FORMAT},
    ),
]
Events = Annotated[list[MessageType], Field(strict=True, min_length=1, max_length=3, description="What it hears of.")]
Scopes = Annotated[
    list[HearingScope],
    Field(
        strict=True,
        max_length=2,
        description="Restricted reports it hears of: `oversight` for accusations, `admin` for all of them.",
    ),
]


class WebhookRequest(Strict):
    """A new webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"properties": {"agency": {"type": "null"}}}, {"properties": {"scopes": {"maxItems": 0}}}]
        }
    )

    url: Url
    events: Events = Field(default_factory=lambda: list(ALL_TYPES))
    agency: Annotated[Slug | None, Field(description="The only agency whose reports it hears of; null for all.")] = None
    scopes: Scopes = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_scopes(self) -> Self:
        if self.agency is not None and self.scopes:
            raise PydanticCustomError("scopes", "a webhook of one agency hears of no restricted report")
        return self


class WebhookChange(Strict):
    """What becomes of a webhook; what is left out stays."""

    url: Url = ""
    events: Events = Field(default_factory=list)
    scopes: Scopes = Field(default_factory=list)
    disabled: Annotated[
        bool, Field(strict=True, description="true stops it; false lets it hear again, from now on.")
    ] = False


class RotationQuery(Strict):
    """How long the secrets before sign too."""

    overlap_hours: Annotated[int, Field(ge=0, le=MAX_OVERLAP_HOURS)] = 24


class ReplayQuery(Strict):
    """Which dead delivery is sent again."""

    message: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="All, when left out.")] = None


class DeliveriesQuery(Strict):
    """Which deliveries are listed."""

    state: State | None = None
    cursor: Annotated[
        str | None,
        Field(max_length=300, description="`next` of the page before.", json_schema_extra={"format": CURSOR_FORMAT}),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class SigningSecret(Described):
    """A secret that signs, by its instants only."""

    made_at: datetime
    expires_at: datetime | None


class WebhookAnswer(Described):
    """A webhook without its secrets."""

    id: str
    url: str
    events: list[MessageType]
    agency: str | None
    scopes: list[HearingScope]
    secrets: Annotated[list[SigningSecret], Field(description="Newest first; all of them sign.")]
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_why: str | None
    deliveries: Annotated[dict[State, int], Field(description="How many stand in each state; none where left out.")]


class WebhookWithSecret(WebhookAnswer):
    """A webhook with its newest secret, which is shown this once."""

    secret: Annotated[str, Field(pattern=r"^whsec_")]


class WebhookList(Described):
    """All webhooks, oldest first."""

    webhooks: list[WebhookAnswer]


class DeliveryAnswer(Described):
    """One message on its way to a webhook."""

    message_id: str
    type: MessageType
    feedback_id: str
    made_at: datetime
    state: State
    n_tries: int
    next_at: Annotated[datetime | None, Field(description="Of the next try, while it waits.")]
    sent_at: datetime | None
    status: Annotated[int | None, Field(description="HTTP status of the last try.")]
    fault: Annotated[str | None, Field(description="Of the last try.")]


class DeliveryPage(Described):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryAnswer]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class ReplayAnswer(Described):
    """How many dead deliveries wait again."""

    n_replayed: int


class TryAnswer(Described):
    """What came of a message sent for a test."""

    arrived: bool
    status: int | None
    fault: str | None


class EmergenciesQuery(Strict):
    """How many are listed."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class EmergencyAnswer(Described):
    """An emergency and who has seen it."""

    feedback_id: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    escalated_at: datetime | None
    state: str
    agency: str | None
    unit: str | None
    topic: str | None


class EmergencyList(Described):
    """Emergencies nobody acknowledged, the longest waiting first."""

    emergencies: list[EmergencyAnswer]
