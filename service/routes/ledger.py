"""``/v1/ledger``: what was decided and done, by which bundle and by whom, as it stands in the hash chains."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Connection, RowMapping
from starlette.responses import JSONResponse, Response

from model.prediction import JsonValue
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.auditing.blinding import find_withheld
from service.context import caller_of, context_of
from service.faults import invalid_fields
from service.ledger.asking import Place, Question, list_entries
from service.ledger.entries import COMMANDS
from service.openapi import declare
from service.problems import FieldError, ProblemError
from service.requests import MAX_LIMIT, Instant, Strict
from service.upkeep.standing import VALUES, Standing, find_standing
from service.visibility import entries_visible_to

router = APIRouter(route_class=ApiRoute, tags=["ledger"])
LEDGER_CURSOR_FORMAT = "pilah-ledger-cursor"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class LedgerQuery(Strict):
    """Which entries are asked for, and which page of them."""

    feedback: Annotated[
        str | None, Field(max_length=36, pattern=r"^[0-9a-f-]+$", description="Entries of this report.")
    ] = None
    as_of: Annotated[
        Instant | None, Field(description="What was known at this instant: nothing that was written after it.")
    ] = None
    type: Annotated[
        str | None, Field(max_length=40, pattern=r"^[a-z_.]+$", description="Such as `feedback.received`.")
    ] = None
    since: Annotated[Instant | None, Field(description="Written at or after this instant.")] = None
    cursor: Annotated[
        str | None,
        Field(
            max_length=200, description="`next` of the page before.", json_schema_extra={"format": LEDGER_CURSOR_FORMAT}
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class LedgerEntry(Described):
    """One thing that was decided or done; `hash` covers all of it and the hash of the entry before in its chain."""

    chain: str
    number: int
    at: datetime
    type: str
    feedback: str | None
    actor: Annotated[str, Field(description="`key:…`, `account:…` or `system`.")]
    bundle: str | None
    taxonomy: str | None
    policy: int | None
    text_digest: str | None
    content: Annotated[dict[str, object], Field(description="Labels, decisions, states; never text.")]
    hash: str


class StandingLabel(Described):
    """A label of a report: `basis` is `automatic` for a prediction, of `bundle`, else who gave it is `actor`."""

    value: str
    basis: str
    actor: str
    bundle: str | None
    at: datetime


class StandingAnswer(Described):
    """How a report stood, told from its entries: the last thing that was said of each."""

    state: str | None
    agency: str | None
    unit: str | None
    route: str | None
    alarm: str | None
    restriction: str | None
    due_at: str | None
    labels: dict[str, StandingLabel]
    is_erased: bool


class LedgerPage(Described):
    """Entries, earliest first."""

    entries: list[LedgerEntry]
    standing: Annotated[
        StandingAnswer | None, Field(description="With `feedback`: how it stood at `as_of`, or stands now.")
    ]
    next: Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


@router.get(
    "/v1/ledger",
    operation_id="listLedger",
    summary="Read the ledger",
    response_model=None,
    responses=declare({200: (LedgerPage, "A page of entries.")}, problems.NOT_FOUND, problems.INVALID_FIELDS),
    openapi_extra=needs("audit"),
)
async def list_ledger(request: Request, asked: Annotated[LedgerQuery, Query()]) -> Response:
    """Read what was decided and done, as it was written, earliest first.

    One report is asked for by `feedback`; then `standing` says where it stood at `as_of` (now, without one), told
    from the entries alone. A report that the key may not see has no entries; of one that you may still label blind the
    content of entries and the standing are withheld.
    """
    caller = caller_of(request)
    visible = entries_visible_to(caller)
    question = Question(asked.feedback, asked.type, asked.since, asked.as_of)
    after = _read_cursor(asked.cursor) if asked.cursor is not None else None

    def look(connection: Connection) -> tuple[list[RowMapping], Standing | None, set[str]]:
        standing = None
        if asked.feedback is not None:
            standing = find_standing(connection, asked.feedback, visible, asked.as_of or _LATEST)
        found = list_entries(connection, question, visible, after, asked.limit + 1)
        ids = {entry["feedback_id"] for entry in found if entry["feedback_id"] is not None}
        return found, standing, set(find_withheld(connection, caller, ids | {asked.feedback or ""}))

    entries, standing, withheld = await context_of(request).reader.read(look)
    if asked.feedback is not None and standing is None:
        raise ProblemError(problems.NOT_FOUND, "There is no such report that this key may see, or was none then.")
    page = entries[: asked.limit]
    body: dict[str, JsonValue] = {
        "entries": [_show(entry, is_withheld=entry["feedback_id"] in withheld) for entry in page],
        "standing": _show_standing(standing) if standing is not None and asked.feedback not in withheld else None,
        "next": _next_cursor(entries, asked.limit),
    }
    return JSONResponse(body)


def _show(entry: RowMapping, *, is_withheld: bool) -> dict[str, JsonValue]:
    return {
        "chain": entry["chain"],
        "number": entry["number"],
        "at": entry["at"].isoformat(),
        "type": entry["type"],
        "feedback": entry["feedback_id"],
        "actor": entry["actor"],
        "bundle": entry["bundle"],
        "taxonomy": entry["taxonomy"],
        "policy": entry["policy"],
        "text_digest": entry["text_digest"],
        "content": {"withheld": True} if is_withheld else json.loads(entry["content"]),
        "hash": entry["hash"],
    }


def _show_standing(standing: Standing) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {name: standing.values.get(name) for name in VALUES}
    labels: dict[str, JsonValue] = {
        head: {
            "value": label.value,
            "basis": label.basis,
            "actor": label.actor,
            "bundle": label.bundle,
            "at": label.at.isoformat(),
        }
        for head, label in standing.labels.items()
    }
    return {**values, "labels": labels, "is_erased": standing.is_erased}


def _next_cursor(entries: Sequence[RowMapping], limit: int) -> str | None:
    if len(entries) <= limit:
        return None
    last = entries[limit - 1]
    microseconds = (last["at"] - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{microseconds} {last['chain']} {last['number']}".encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        microseconds, chain, number = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").split(" ")
        name = chain if chain == COMMANDS else str(UUID(chain))
        return Place(_EPOCH + timedelta(microseconds=int(microseconds)), name, int(number[:9]))
    except (ValueError, OverflowError) as error:
        detail = "is no cursor of this service; take `next` of the page before as it is"
        raise invalid_fields([FieldError("parameter", "cursor", detail)]) from error
