"""What the JSON interface gives, as models for its description (OpenAPI).

Answers are written from `model.prediction` and `service.feedback` themselves; these models only describe them, and
the tests hold that every answer fits.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Span = Annotated[list[int], Field(min_length=2, max_length=2, description="Start and end in code points of `text`.")]


class Described(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Head(Described):
    """The answer of one head: kind, agency, topic, urgency or aspect."""

    label: str
    confidence: Annotated[Share, Field(description="Calibrated probability that the label is right.")]
    decision: Annotated[
        Literal["auto", "suggest", "human"],
        Field(description="`auto`: may be routed. `suggest`: a person confirms. `human`: a person decides."),
    ]
    threshold: Annotated[float | None, Field(description="Confidence from which the head decides alone.")]
    why: Annotated[str | None, Field(description="Why the decision is not `auto`.")]
    alternatives: Annotated[
        list[Annotated[list[str | float], Field(min_length=2, max_length=2)]],
        Field(description="Pairs of label and confidence, most likely first."),
    ]


class Place(Described):
    """A place named in the text."""

    code: str
    name: str
    span: Span
    ambiguous: Annotated[bool, Field(description="The words may mean something else here.")]


class Evidence(Described):
    """A stretch of the text that speaks for the label."""

    span: Span
    text: str
    weight: float


class FurtherNeed(Described):
    """A need of another agency in the same report."""

    agency: str
    confidence: Share
    span: Span


class About(Described):
    """The unit complained of: an agency or the code of a place."""

    unit: str
    span: Span | None


class Completeness(Described):
    """What the report lacks, and the question to send back."""

    missing: list[str]
    ask: str | None


class Authority(Described):
    """Whether the matter is the city's own; `agency` is the likeliest owner outside."""

    confidence: Share
    agency: str | None


class Gates(Described):
    """What must be known before a report can be worked on; a person decides."""

    is_feedback: Annotated[Share, Field(description="Probability that the text is a report at all.")]
    is_complete: Completeness
    in_authority: Authority


class RuleHit(Described):
    """A written rule that holds for the text; it never changes a probability."""

    name: str
    effect: str
    span: Span


class Alarm(Described):
    """A label that must not be missed and may be right here."""

    label: str
    level: Annotated[
        Literal["urgent", "watch"],
        Field(description="`urgent`: tell somebody now. `watch`: a person looks at it before others."),
    ]
    cause: Literal["label", "threshold", "rule"]
    confidence: Share
    threshold: float | None
    rule: str | None


class Prediction(Described):
    """Everything Pilah says about one text; spans count code points of `text`."""

    bundle: str
    taxonomy: str
    text: Annotated[str, Field(description="The text as it was read: cleaned, personal data masked.")]
    cut_chars: Annotated[int, Field(ge=0, description="Characters at the end that were too many to be scored.")]
    heads: dict[str, Head]
    also: Annotated[list[FurtherNeed], Field(description="Needs of other agencies in the same report.")]
    about: About | None
    gates: Gates | None
    places: list[Place]
    language: Annotated[dict[str, Share], Field(description="Share of words that are of another language.")]
    unknown: Annotated[Share, Field(description="Share of words that the bundle does not know.")] = 0
    rules: list[RuleHit]
    alarms: Annotated[list[Alarm], Field(description="Emergency or accusation: urgent, or to be watched.")]
    explanation: dict[str, list[Evidence]]


class ProblemField(Described):
    """One thing wrong, at a `pointer` into the body, a `parameter` or a `header`."""

    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    detail: str


class Problem(BaseModel):
    """A problem after RFC 9457; `type` opens a page that explains it."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(examples=["/problems/invalid-fields"])]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    errors: list[ProblemField] | None = None


class Contact(Described):
    """A number to call."""

    number: str
    name: str


class Advice(Described):
    """What to show at once to the one who reports an emergency."""

    text: str
    numbers: list[Contact]


class Classified(Prediction):
    """A prediction with advice when the text tells of an emergency."""

    advice: Advice | None


class Predictions(Described):
    """A prediction or a problem for each text, in their order."""

    predictions: list[Classified | Problem]


class StoredRoute(Described):
    """Where a report lies: with which agency and, for village and district offices, which unit."""

    agency: str | None
    unit: str | None
    decision: Annotated[
        Literal["auto", "suggest", "human"] | None,
        Field(description="How its first agency came about; it stays when a person moves the report."),
    ]
    by: Annotated[
        Literal["person", "classifier"],
        Field(description="Who said where it lies now: a person, by a label or an event, or the classifier alone."),
    ]


class StoredClock(Described):
    """A revision of the legal clock of a report, and how it was found; `explanation` says it in Indonesian."""

    revision: Annotated[int, Field(ge=1)]
    status: Annotated[
        Literal["running", "paused", "stopped", "none", "replaced"],
        Field(description="`none`: no deadline for this kind. `replaced`: there is a later revision."),
    ]
    purpose: Literal["verification", "handling"]
    kind: Annotated[str | None, Field(description="The kind that set the days.")]
    working_days: Annotated[int | None, Field(ge=1)]
    started_at: datetime
    due_at: Annotated[
        datetime | None, Field(description="The last second of the last day; null without a deadline and while paused.")
    ]
    paused_working_days: Annotated[int, Field(ge=0)]
    is_confirmed: Annotated[bool, Field(description="Whether a person of the city confirmed the number of days.")]
    explanation: str
    cause: Annotated[str, Field(description="Why the revision before did not stand.")]
    made_at: datetime
    policy: Annotated[int, Field(ge=0)]


class StoredFeedback(Described):
    """A stored report with the prediction it was answered with, where it lies now, and its clock."""

    id: str
    external_id: str | None
    state: str
    received_at: datetime
    stored_at: datetime
    channel: str | None
    district: str | None
    village: str | None
    lat: float | None
    lon: float | None
    address: str | None
    rating: int | None
    about: str | None
    sender_topic: Annotated[str | None, Field(description="The topic its sender chose; no label.")]
    attachments: list[str]
    source_url: str | None
    published_at: Annotated[datetime | None, Field(description="Since when everybody may see it.")]
    title: str | None
    advice: Annotated[Advice | None, Field(description="To be shown at once; null unless it is an emergency.")]
    withheld: Annotated[
        list[str],
        Field(
            description="Heads that you may still label blind: until somebody has, nothing that was predicted is told."
        ),
    ]
    prediction: Prediction
    route: StoredRoute
    clock: StoredClock | None


class BatchRow(Described):
    """What became of one line of a batch."""

    line: Annotated[int, Field(ge=1, description="Of the body, empty lines counted.")]
    status: Annotated[int, Field(description="As `POST /v1/feedback` would have answered.")]
    id: str | None = None
    external_id: str | None = None
    route: Literal["auto", "suggest", "human"] | None = None
    agency: str | None = None
    unit: str | None = None
    topic: str | None = None
    urgency: str | None = None
    kind: str | None = None
    alarm: str | None = None
    problem: Problem | None = None


class FeedbackPage(Described):
    """A page of stored reports, newest first."""

    feedback: list[StoredFeedback]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class Health(Described):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Described):
    """The service can do its work."""

    status: Literal["ready"]
    bundle: str
    checks: dict[str, Literal["ok"]]
