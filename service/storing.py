"""Tags, routes and stores one report; every way in over HTTP ends here."""

from dataclasses import dataclass
from datetime import UTC, datetime

from service import problems
from service.callers import Caller
from service.context import Context
from service.feedback import Mismatch, Record, add_feedback
from service.incoming import external_identity, receive
from service.problems import FieldError, ProblemError
from service.requests import FeedbackRequest
from service.tagging import tag


@dataclass(frozen=True, slots=True)
class Stored:
    """A report that is on the disk: stored now, or found as it was stored before (``is_new`` False)."""

    record: Record
    is_new: bool


async def store(context: Context, caller: Caller, asked: FeedbackRequest, idempotency_key: str | None) -> Stored:
    """Store a report that ``caller`` sent; it is on the disk when this returns.

    Raises
    ------
    ProblemError
        The text cannot be read, or one of its identities stands for another report.
    StoreBusyError, StoreUnavailableError
        Nothing is stored, or it is not known.
    """
    prediction = await tag(context, asked.text, asked.title)
    route = context.router.route(prediction, asked.about)
    terms, now = context.terms.current, datetime.now(UTC)
    incoming = receive(asked, prediction, route, caller, context.secret, terms, now, idempotency_key)
    outcome = await context.writer.write(add_feedback, incoming)
    if isinstance(outcome, Mismatch):
        raise _explain_mismatch(outcome, asked, external_identity(context.secret, asked.external_id or ""))
    if outcome.is_new:
        context.metrics.count_stored()
    return Stored(outcome.record, outcome.is_new)


def _explain_mismatch(mismatch: Mismatch, asked: FeedbackRequest, external: str) -> ProblemError:
    is_external = asked.external_id is not None and mismatch.identity == external
    place = ("pointer", "#/external_id") if is_external else ("header", "Idempotency-Key")
    detail = "stands for a report that was stored with another body"
    return ProblemError(
        problems.REPLAY_MISMATCH,
        f"{place[1].removeprefix('#/')} {detail}; nothing was stored now.",
        errors=[FieldError(*place, detail)],
    )
