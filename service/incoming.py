"""Turns a report that was sent into the record that is stored: free text masked, references made opaque."""

import json
from datetime import datetime

from model.cleaning import clean
from model.masking import mask
from model.prediction import JsonValue, Prediction
from model.signature import sign
from service.callers import Caller
from service.feedback import FIRST_STATE, RECEIVED, Clock, Feedback, Incoming, Record, write_json
from service.handling.clocks import start_clock
from service.handling.terms import Terms
from service.home import Secret
from service.ids import new_id
from service.ledger.entries import Entry
from service.requests import FeedbackRequest
from service.routing import Route


def receive(
    asked: FeedbackRequest,
    prediction: Prediction,
    route: Route,
    caller: Caller,
    secret: Secret,
    terms: Terms,
    now: datetime,
    idempotency_key: str | None = None,
) -> Incoming:
    """The record for a report that ``caller`` sent, and the identities it may be sent again under."""
    content = prediction.to_json()
    del content["text"]
    clock = start_clock(asked.received_at or now, now, terms)
    record = Record(
        feedback=_describe(asked, prediction, route, caller, secret, clock),
        bundle=prediction.bundle,
        content=write_json(content),
        clock=clock,
        signature=sign(prediction.text),
    )
    entry = _describe_entry(record, prediction, caller, secret)
    return Incoming(
        record, entry, _list_identities(asked, caller, secret, idempotency_key), _digest_body(asked, secret)
    )


def external_identity(secret: Secret, external_id: str) -> str:
    """The identity an ``external_id`` gives, the same for every key."""
    return secret.digest("external_id", external_id)


def _describe(
    asked: FeedbackRequest, prediction: Prediction, route: Route, caller: Caller, secret: Secret, clock: Clock
) -> Feedback:
    now = clock.made_at
    labels = {head: answer.label for head, answer in prediction.heads.items()}
    return Feedback(
        id=new_id(now),
        external_id=asked.external_id,
        key_id=caller.id,
        received_at=asked.received_at or now,
        stored_at=now,
        state=FIRST_STATE,
        channel=asked.channel,
        district=_mask(asked.district),
        village=_mask(asked.village),
        lat=asked.lat,
        lon=asked.lon,
        address=_mask(asked.address),
        rating=asked.rating,
        about=asked.about,
        attachments=json.dumps(asked.attachments),
        source_url=asked.source_url,
        reporter_digest=secret.digest("reporter_ref", asked.reporter_ref) if asked.reporter_ref else None,
        title=_mask(asked.title),
        text=prediction.text,
        kind=labels.get("kind"),
        agency=route.agency,
        topic=labels.get("topic"),
        urgency=labels.get("urgency"),
        aspect=labels.get("aspect"),
        unit=route.unit,
        route=route.decision,
        is_at_agency=route.decision == "auto",
        confidence=route.confidence,
        alarm=route.alarm,
        restriction=route.restriction,
        due_at=clock.due_at,
        changed_at=now,
        sender_topic=asked.sender_topic,
    )


def _describe_entry(record: Record, prediction: Prediction, caller: Caller, secret: Secret) -> Entry:
    feedback = record.feedback
    heads: dict[str, JsonValue] = {
        head: [answer.label, round(answer.confidence, 4), answer.decision] for head, answer in prediction.heads.items()
    }
    return Entry(
        RECEIVED,
        feedback.stored_at,
        caller.actor,
        feedback_id=feedback.id,
        bundle=prediction.bundle,
        taxonomy=prediction.taxonomy,
        policy=record.clock.policy if record.clock else None,
        text_digest=secret.digest("text", prediction.text),
        content={
            "heads": heads,
            "agency": feedback.agency,
            "unit": feedback.unit,
            "route": feedback.route,
            "alarm": feedback.alarm,
            "emergency": feedback.is_emergency,
            "restriction": feedback.restriction,
            "due_at": feedback.due_at.isoformat() if feedback.due_at else None,
            "rules": [hit.name for hit in prediction.rules],
            "unknown": prediction.unknown,
        },
    )


def _list_identities(
    asked: FeedbackRequest, caller: Caller, secret: Secret, idempotency_key: str | None
) -> tuple[str, ...]:
    identities = []
    if asked.external_id is not None:
        identities.append(external_identity(secret, asked.external_id))
    if idempotency_key is not None:
        identities.append(secret.digest("idempotency", f"{caller.id} {idempotency_key}"))
    return tuple(identities)


def _digest_body(asked: FeedbackRequest, secret: Secret) -> str:
    """Equal for bodies that say the same, whatever the order of their fields."""
    return secret.digest("body", asked.model_dump_json(exclude_none=True))


def _mask(text: str | None) -> str | None:
    return mask(clean(text)).text if text is not None else None
