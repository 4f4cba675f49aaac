"""The problems the service answers with, after RFC 9457: stable types, each with a page that explains it.

Owns the list of types and the shape of the answer. Which exception becomes which problem is `service.faults`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from model.prediction import JsonValue

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: the end of its ``type`` address, its title, HTTP status, and what to do about it."""

    slug: str
    status: int
    title: str
    advice: str

    @property
    def uri(self) -> str:
        """The ``type`` of the answer, relative to the service; it opens a page for people."""
        return TYPE_PREFIX + self.slug


INVALID_JSON: Final = ProblemType(
    "invalid-json", 400, "The body is no JSON", "Mend the JSON at the line and column that `detail` names."
)
NOT_UTF8: Final = ProblemType(
    "not-utf-8", 400, "The body is not UTF-8", "Encode the body as UTF-8; `detail` names the first byte that is not."
)
BAD_REQUEST: Final = ProblemType(
    "bad-request", 400, "The request cannot be read", "Compare the request with `/openapi.json`."
)
KEY_MISSING: Final = ProblemType(
    "key-missing", 401, "A key is needed", "Send `Authorization: Bearer pilah_…` with a key of this installation."
)
KEY_REFUSED: Final = ProblemType(
    "key-refused",
    401,
    "The key is not valid",
    "It was never made here, was mistyped or was revoked; ask the operator for a key.",
)
KEY_EXPIRED: Final = ProblemType(
    "key-expired", 401, "The time of the key is over", "Ask the operator for a new key; the old one stays refused."
)
SCOPE_MISSING: Final = ProblemType(
    "scope-missing", 403, "The key does not allow this", "Use a key that has one of the scopes `detail` names."
)
FORM_TOKEN: Final = ProblemType(
    "form-token",
    403,
    "The token of the session is missing or wrong",
    "With the cookie of a session, a call that changes something carries the header `X-CSRF-Token`; pages have it. "
    "Load the page again. Programs use a key.",
)
PAGE_CLOSED: Final = ProblemType(
    "page-closed",
    403,
    "The page asks for a key",
    "Type a key into the page, or let the operator set `PILAH_OPEN_PAGE=true`.",
)
CROSS_SITE: Final = ProblemType(
    "cross-site", 403, "The form was sent from another site", "Open the page of this service and send the form there."
)
NOT_BY_AGENCY: Final = ProblemType(
    "not-by-agency",
    403,
    "This is left to the triage office",
    "A key or account of one agency gives a report back with `dikembalikan`; the triage office sends it elsewhere.",
)
NOT_FOUND: Final = ProblemType(
    "not-found", 404, "There is nothing here", "Check the address; `/openapi.json` lists all of them."
)
METHOD_NOT_ALLOWED: Final = ProblemType(
    "method-not-allowed", 405, "The address does not take this method", "Use a method of the header `Allow`."
)
NAME_TAKEN: Final = ProblemType(
    "name-taken", 409, "The name is taken", "Choose another name, or end the one in force that bears it."
)
ILLEGAL_EVENT: Final = ProblemType(
    "illegal-event", 409, "The event is not legal now", "`allowed` lists the events that are, `state` says why."
)
OVERTAKEN: Final = ProblemType(
    "overtaken",
    409,
    "Somebody else moved the report first",
    "Read its events again; when yours is still meant, send it again.",
)
TOO_MANY_EVENTS: Final = ProblemType(
    "too-many-events",
    409,
    "The report has too many events",
    "A report takes 1,000. End it by one of `allowed`; what is new belongs into a new report. If a program sends them, "
    "it goes in circles.",
)
BODY_TOO_LARGE: Final = ProblemType(
    "body-too-large",
    413,
    "The body is too large",
    "Send fewer or shorter texts in one call; `detail` says how much fits.",
)
TEXT_TOO_LONG: Final = ProblemType(
    "text-too-long", 413, "A text is too long", "A text with its title may have 65,536 bytes in UTF-8. Shorten it."
)
WRONG_CONTENT_TYPE: Final = ProblemType(
    "wrong-content-type", 415, "The content type is not understood", "Send `Content-Type: application/json`."
)
INVALID_FIELDS: Final = ProblemType(
    "invalid-fields",
    422,
    "Some fields cannot be used",
    "Each entry of `errors` points at a field of the body (`pointer`, a JSON pointer), a parameter or a header.",
)
WEBHOOK_EXISTS: Final = ProblemType(
    "webhook-exists",
    409,
    "There is a webhook with this address",
    "Change the one that `webhook` names, or rotate its secret when the old one is lost.",
)
WEBHOOK_DISABLED: Final = ProblemType(
    "webhook-disabled", 409, "The webhook is disabled", "Send `PATCH` with `disabled: false` first, then replay."
)
REPLAY_MISMATCH: Final = ProblemType(
    "replay-mismatch",
    422,
    "The same identity was sent with another body",
    "An `Idempotency-Key` or `external_id` stands for one report or event; give another one another name.",
)
ALREADY_DISPOSED: Final = ProblemType(
    "already-disposed",
    409,
    "The report lies with an agency already",
    "Move it by an event: `didisposisi` to hand it over, `dikembalikan` to give it back.",
)
NOTHING_SAID: Final = ProblemType(
    "nothing-said",
    409,
    "There is nothing to take back",
    "You said nothing of the report in the last twelve hours, took it back already, or somebody spoke after you; "
    "say what is right by a correction.",
)
BUNDLE_REFUSED: Final = ProblemType(
    "bundle-refused",
    409,
    "The bundle cannot be put in force",
    "`detail` says why; the bundle before goes on answering. Train one for the taxonomy in force.",
)
CLAIMED: Final = ProblemType(
    "claimed", 409, "Another officer holds the report", "Take another one, or wait until the instant in `until`."
)
NOT_FOR_ALL: Final = ProblemType(
    "not-for-all",
    409,
    "The report must not be published",
    "`why` says whether it is shut away, an accusation, or erased; the first two end when a person labels its kind.",
)
CONFIRMATION_NEEDED: Final = ProblemType(
    "confirmation-needed",
    409,
    "A person must confirm this",
    "Read the report; when nothing in it points to a person, send the same call with `confirm`: true.",
)
TOO_MANY_CALLS: Final = ProblemType(
    "too-many-calls",
    429,
    "The calls come too often",
    "Send the same call again after `Retry-After` seconds, and send less often. A key may call more often than an "
    "address without one, and the operator can allow a key more.",
)
INTERNAL: Final = ProblemType(
    "internal", 500, "Pilah has a defect", "Tell the operator the `id`; the log has the same one. You may try again."
)
STORE_UNAVAILABLE: Final = ProblemType(
    "store-unavailable",
    503,
    "The store does not answer",
    "Nothing was lost that was answered before. Send the same call again after `Retry-After` seconds, with the same "
    "`Idempotency-Key` or `external_id`.",
)
BUSY: Final = ProblemType(
    "busy", 503, "Too many calls are waiting", "Send the same call again after `Retry-After` seconds."
)
NOT_READY: Final = ProblemType(
    "not-ready", 503, "The service is not ready", "`checks` names what fails; `pilah doctor` gives advice."
)

PROBLEM_TYPES: Final[tuple[ProblemType, ...]] = (
    INVALID_JSON,
    NOT_UTF8,
    BAD_REQUEST,
    KEY_MISSING,
    KEY_REFUSED,
    KEY_EXPIRED,
    SCOPE_MISSING,
    FORM_TOKEN,
    PAGE_CLOSED,
    CROSS_SITE,
    NOT_BY_AGENCY,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NAME_TAKEN,
    WEBHOOK_EXISTS,
    WEBHOOK_DISABLED,
    ILLEGAL_EVENT,
    OVERTAKEN,
    TOO_MANY_EVENTS,
    BODY_TOO_LARGE,
    TEXT_TOO_LONG,
    WRONG_CONTENT_TYPE,
    INVALID_FIELDS,
    REPLAY_MISMATCH,
    ALREADY_DISPOSED,
    NOTHING_SAID,
    BUNDLE_REFUSED,
    CLAIMED,
    NOT_FOR_ALL,
    CONFIRMATION_NEEDED,
    TOO_MANY_CALLS,
    INTERNAL,
    STORE_UNAVAILABLE,
    BUSY,
    NOT_READY,
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong: ``place`` is "pointer", "parameter" or "header", ``name`` which one."""

    place: str
    name: str
    detail: str

    def to_json(self) -> dict[str, JsonValue]:
        """The entry in ``errors``."""
        return {self.place: self.name, "detail": self.detail}


class ProblemError(HTTPException):
    """Raised anywhere under a route; becomes the answer."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        more: Mapping[str, JsonValue] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.errors = tuple(errors)
        self.more = dict(more or {})

    def to_json(self) -> dict[str, JsonValue]:
        """The body of the answer."""
        body: dict[str, JsonValue] = {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            **self.more,
        }
        if self.errors:
            body["errors"] = [error.to_json() for error in self.errors]
        return body


def respond(problem: ProblemError) -> Response:
    """The answer to send."""
    # A lone surrogate of the request may stand in a message; escaped by a backslash it is still JSON.
    content = json.dumps(problem.to_json(), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(content, problem.kind.status, problem.headers, MEDIA_TYPE)
