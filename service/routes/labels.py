"""``/v1/feedback/{id}/labels``: what people say a report is, beside what was predicted."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Request
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue
from model.taxonomy import Taxonomy
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.auditing.blinding import find_withheld, is_seen
from service.callers import Caller
from service.context import Context, caller_of, context_of
from service.faults import invalid_fields
from service.handling.claims import Held
from service.handling.labels import HEADS, Label, Labelling, Moved, NoReason, Outcome, label_all, list_labels
from service.handling.retracting import NothingSaid, Retraction, retract_all
from service.openapi import declare
from service.problems import FieldError, ProblemError
from service.requests import AgencySlug, AspectSlug, KindSlug, Prose, Strict, TopicSlug, UrgencySlug
from service.routes.claim_faults import refuse_held
from service.routes.feedback import seen_by
from service.visibility import visible_to, workable_by

router = APIRouter(route_class=ApiRoute, tags=["handling"])


class LabelsRequest(Strict):
    """What a person says: the label of each head spoken of, the same as shown to confirm it."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [head], "properties": {head: {"type": "string"}}} for head in HEADS],
        }
    )

    kind: KindSlug | None = None
    agency: AgencySlug | None = None
    topic: TopicSlug | None = None
    urgency: UrgencySlug | None = None
    aspect: Annotated[
        AspectSlug | None, Field(description="An empty string where no element of the service failed.")
    ] = None
    reason: Annotated[Prose | None, Field(description="Stored masked.")] = None
    blind: Annotated[bool, Field(strict=True, description="The person did not see what was predicted.")] = False

    def values(self) -> dict[str, str]:
        """The heads spoken of."""
        return {head: value for head in HEADS if (value := getattr(self, head)) is not None}

    @model_validator(mode="after")
    def _check_spoken_of(self) -> Self:
        if not self.values():
            raise PydanticCustomError("nothing", "names no label; give one of kind, agency, topic, urgency, aspect")
        return self


class LabelAnswer(Described):
    """One thing a person said of a report."""

    id: str
    head: Literal["kind", "agency", "topic", "urgency", "aspect"]
    value: Annotated[str, Field(description="Empty where no label fits.")]
    previous: Annotated[str | None, Field(description="What stood there before.")]
    basis: Annotated[
        Literal["correction", "confirmation", "retraction"],
        Field(description="`retraction`: the person took back what they said; the value that stood before stands."),
    ]
    blind: bool
    reason: str | None
    actor: str
    at: datetime


class LabelsAnswer(Described):
    """Labels of a report, oldest first."""

    labels: list[LabelAnswer]


@router.post(
    "/v1/feedback/{id}/labels",
    operation_id="addLabels",
    summary="Confirm or correct labels",
    response_model=None,
    responses=declare(
        {200: (LabelsAnswer, "The labels as they stand.")},
        problems.INVALID_JSON,
        problems.NOT_UTF8,
        problems.BODY_TOO_LARGE,
        problems.WRONG_CONTENT_TYPE,
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
        problems.SCOPE_MISSING,
        problems.CLAIMED,
        problems.ALREADY_DISPOSED,
        problems.BUSY,
    ),
    openapi_extra=needs("triage"),
)
async def add(
    request: Request,
    feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")],
    asked: LabelsRequest,
) -> Response:
    """Say what a report is, head by head: a label equal to the one that stands confirms it, another one corrects it.

    The prediction stays as it was. A correction of the kind sets the clock anew and shows or shuts away the report; one
    of the agency moves it while no person has disposed of it, later an event does. Said twice by the same person, it is
    kept once. While another officer holds the report, only an admin may speak. `blind` goes with heads that were drawn
    for the blind audit and that you have not labelled seeing what was predicted.
    """
    context, caller = context_of(request), caller_of(request)
    _check(asked.values(), context.taxonomy)
    if caller.agency is not None and "agency" in asked.values():
        raise ProblemError(
            problems.SCOPE_MISSING, "A key of one agency gives a report back; it does not say whose it is."
        )
    if asked.blind:
        await _check_blind(context, caller, feedback_id, asked.values())
    labelling = Labelling(
        feedback_id=feedback_id,
        visible=workable_by(caller),
        actor=caller.actor,
        at=datetime.now(UTC),
        values=asked.values(),
        reason=mask(clean(asked.reason)).text if asked.reason else None,
        is_blind=asked.blind,
        triage_office=context.settings.triage_office,
        may_force=caller.allows("admin"),
    )
    return _answer(await context.writer.write(label_all, labelling))


@router.post(
    "/v1/feedback/{id}/labels/retract",
    operation_id="retractLabels",
    summary="Take back what you said last",
    response_model=None,
    responses=declare(
        {200: (LabelsAnswer, "The labels that stand again.")},
        problems.INVALID_FIELDS,
        problems.NOT_FOUND,
        problems.NOTHING_SAID,
        problems.CLAIMED,
        problems.ALREADY_DISPOSED,
        problems.BUSY,
    ),
    openapi_extra=needs("triage"),
)
async def retract(
    request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")]
) -> Response:
    """Take back the last thing you said of a report, all its heads together: what stood before stands again.

    It can be taken back within twelve hours, while nobody else spoke after you and no agency has the report. A report
    whose agency was taken back waits for a person again.
    """
    context, caller = context_of(request), caller_of(request)
    asked = Retraction(
        feedback_id,
        workable_by(caller),
        caller.actor,
        datetime.now(UTC),
        context.settings.triage_office,
        may_force=caller.allows("admin"),
    )
    outcome = await context.writer.write(retract_all, asked)
    if isinstance(outcome, NothingSaid):
        raise ProblemError(problems.NOTHING_SAID, problems.NOTHING_SAID.advice)
    return _answer(outcome)


async def _check_blind(context: Context, caller: Caller, feedback_id: str, heads: Collection[str]) -> None:
    """Take nobody's word for being blind.

    Raises
    ------
    ProblemError
        422: a head was not drawn, or they have labelled it seeing all. What is not there is refused elsewhere.
    """

    def look(connection: Connection) -> bool:
        known = list_labels(connection, feedback_id, workable_by(caller))
        return known is not None and is_seen(connection, caller, feedback_id, heads)

    if "\0" not in feedback_id and await context.reader.read(look):
        detail = "goes with heads that were drawn for the audit and that you have not labelled seeing the suggestion"
        raise invalid_fields([FieldError("pointer", "#/blind", detail)])


def _answer(outcome: Outcome) -> Response:
    if isinstance(outcome, Moved):
        raise ProblemError(
            problems.ALREADY_DISPOSED, f"The report is {outcome.state}; send the event didisposisi or dikembalikan."
        )
    if isinstance(outcome, Held):
        raise refuse_held(outcome)
    if isinstance(outcome, NoReason):
        detail = "is not kept of a report that was erased; leave it out"
        raise invalid_fields([FieldError("pointer", "#/reason", detail)])
    return JSONResponse({"labels": [_show(label) for label in seen_by(outcome)]})


@router.get(
    "/v1/feedback/{id}/labels",
    operation_id="listLabels",
    summary="What people said of a report",
    response_model=None,
    responses=declare({200: (LabelsAnswer, "All labels, oldest first.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("triage", "analyse", "audit"),
)
async def list_given(
    request: Request, feedback_id: Annotated[str, Path(alias="id", max_length=36, pattern=r"^[^\u0000]*$")]
) -> Response:
    """List the labels people gave to a report, oldest first; none while you may still label it blind."""
    caller = caller_of(request)

    def look(connection: Connection) -> tuple[list[Label] | None, bool]:
        found = list_labels(connection, feedback_id, visible_to(caller))
        return found, bool(found) and bool(find_withheld(connection, caller, [feedback_id]))

    found, is_withheld = await context_of(request).reader.read(look)
    labels = seen_by(found)
    return JSONResponse({"labels": [] if is_withheld else [_show(label) for label in labels]})


def _check(values: Mapping[str, str], taxonomy: Taxonomy) -> None:
    today = datetime.now(UTC).date()
    wrong = []
    for head, value in values.items():
        label = taxonomy.heads[head].get(value)
        if (label is None or not label.is_valid_on(today)) and not (head == "aspect" and not value):
            valid = [slug for slug, known in taxonomy.heads[head].items() if known.is_valid_on(today)]
            wrong.append(
                FieldError("pointer", f"#/{head}", f"is no {head} of the taxonomy; one of: {', '.join(valid)}")
            )
    if wrong:
        raise invalid_fields(wrong)


def _show(label: Label) -> dict[str, JsonValue]:
    return {
        "id": label.id,
        "head": label.head,
        "value": label.value,
        "previous": label.previous,
        "basis": label.basis,
        "blind": label.is_blind,
        "reason": label.reason,
        "actor": label.actor,
        "at": label.at.isoformat(),
    }
