"""Fuzzes the described interface on a real socket: whatever fits or breaks the description is answered as it says."""

import base64
import json
import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import negative_data_rejection

from model.cleaning import clean
from model.shipped import taxonomy_in_force
from service.app import create_app
from service.requests import CURSOR_FORMAT
from service.routes.ledger import LEDGER_CURSOR_FORMAT
from service.routes.review import QUEUE_CURSOR_FORMAT
from service.routes.webhook_shapes import URL_FORMAT
from service.settings import Settings

# Few, since there are many operations and each quick run tries all of them; the long run tries each two hundred times.
N_EXAMPLES = 25
N_EXAMPLES_LONG = 200

# What the formats stand for is not all of what their names allow: instants of reports, cursors of this service.
_INSTANTS = st.datetimes(datetime(2000, 1, 2), datetime(2025, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_POSITIONS = st.builds("{} {}".format, st.integers(0, 2**50), st.uuids())
_CURSORS = _POSITIONS.map(lambda position: base64.urlsafe_b64encode(position.encode()).decode())
schemathesis.openapi.format("date-time", _INSTANTS.map(datetime.isoformat))
schemathesis.openapi.format("date", st.dates(date(2001, 1, 1), date(2025, 1, 1)).map(date.isoformat))
schemathesis.openapi.format(CURSOR_FORMAT, _CURSORS)
_PLACES = st.builds("{} {} {}".format, st.integers(0, 2**50), st.uuids(), st.integers(1, 999))
schemathesis.openapi.format(
    LEDGER_CURSOR_FORMAT, _PLACES.map(lambda place: base64.urlsafe_b64encode(place.encode()).decode())
)
_RANKS = st.builds(
    "{} {} {} {} {} {} {}".format,
    st.integers(0, 2**50),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.floats(-1, 1),
    st.integers(0, 2**50),
    st.uuids(),
)
schemathesis.openapi.format(
    QUEUE_CURSOR_FORMAT, _RANKS.map(lambda rank: base64.urlsafe_b64encode(rank.encode()).decode())
)
schemathesis.openapi.format("password", st.uuids().map("sandi {}".format))
# Where nobody listens: what is made up here leads nowhere, and two webhooks do not share an address.
schemathesis.openapi.format(URL_FORMAT, st.uuids().map("http://127.0.0.1:9/{}".format))

# Slugs of the taxonomy, and the one office of the small bundle.
_HEADS = taxonomy_in_force().heads
for _head in ("agency", "topic", "urgency", "kind"):
    schemathesis.openapi.format(f"pilah-{_head}", st.sampled_from(sorted(_HEADS[_head])))
schemathesis.openapi.format("pilah-aspect", st.sampled_from(["", *sorted(_HEADS["aspect"])]))
schemathesis.openapi.format("pilah-office", st.just("13.73.04"))


@schemathesis.serializer("application/x-ndjson")
def write_line(_, value):
    """A batch of one line."""
    return json.dumps(value).encode() + b"\n"


interface = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@pytest.fixture(scope="module")
def address(champion, tmp_path_factory, listen):
    home = tmp_path_factory.mktemp("fuzz") / "home"
    unlimited = {"rate_per_minute": 0, "address_rate_per_minute": 0}
    settings = Settings(home=home, bundle=next(champion.glob("5eed*")), webhook_hosts="127.0.0.1", **unlimited)
    with listen(settings) as (address, key):
        yield address, key


TRYING = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@interface.parametrize()
@settings(TRYING, max_examples=N_EXAMPLES)
def test_every_operation_keeps_to_its_description(case, address):
    check(case, address)


@pytest.mark.long
@interface.parametrize()
@settings(TRYING, max_examples=N_EXAMPLES_LONG)
def test_every_operation_keeps_to_its_description_however_it_is_tried(case, address):
    check(case, address)


def check(case, address):
    """All checks of schemathesis on one call."""
    base_url, key = address
    _give_own_identity(case)
    if case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE:
        _give_duties(case)
    # A line of a batch that is wrong is refused in its own place; the call is answered all the same.
    excluded = [negative_data_rejection] if case.operation.path == "/v1/feedback/batch" else []
    case.call_and_validate(base_url=base_url, headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded)


def _give_own_identity(case):
    """Two made-up reports may bear one id, which is refused as it must be; here each gets another one."""
    if isinstance(case.body, dict) and _is_identity(case.body.get("external_id")):
        case.body["external_id"] = uuid4().hex
    if case.headers and _is_identity(case.headers.get("idempotency-key")):
        case.headers["idempotency-key"] = uuid4().hex


def _give_duties(case):
    """Fields that fit one by one and not together, or not with the taxonomy, are refused as they must be."""
    body = case.body if isinstance(case.body, dict) else {}
    _give_span(case)
    if isinstance(body.get("text"), str) and not clean(body["text"]).strip():
        body["text"] = "lampu mati"  # what is left of marks without a letter is no text
    if case.operation.path.startswith("/v1/reporters/"):
        # The client sends a percent sign before two hexadecimal digits as it is, and means another character by it.
        case.path_parameters["ref"] = case.path_parameters["ref"].replace("%", "-")
    if case.operation.path == "/v1/keys" and case.method == "POST":
        body.pop("agency", None)
        body.pop("expires_at", None)
        body["name"] = uuid4().hex
    elif case.operation.path == "/v1/accounts" and case.method == "POST":
        is_liaison = body["role"] == "liaison"
        body.update(login=uuid4().hex, agency="dinas-pupr" if is_liaison else None)
        if is_liaison:
            body["scopes"] = []
    elif case.operation.path == "/v1/marks" and case.method == "POST":
        body["until"] = None


def _give_span(case):
    """Where a span of time is bounded, one that fits: its end is not before its start, and it is not too long."""
    if case.method != "GET" or not case.query:
        return
    if "words" in case.query:
        case.query.update(since="2024-06-01T00:00:00Z", until="2024-07-01T00:00:00Z")
    if case.query.keys() & {"start", "end"} and case.query.get("end", "") < case.query.get("start", "~"):
        case.query.update(start="2024-01-01", end="2024-12-31")
    if case.query.get("grain") == "day":
        case.query.update(start="2024-01-01", end="2024-03-31")
    if case.query.get("public") in {True, "true"}:
        # What everybody may see is of a calendar year or month, of the whole city, of all kinds.
        case.query.update(
            {key: day for key, day in (("start", "2024-01-01"), ("end", "2024-12-31")) if key in case.query}
        )
        if len(case.query.keys() & {"start", "end"}) == 1:
            case.query.update(start="2024-01-01", end="2024-12-31")
        for narrower in ("kind", "agency", "district", "grain"):
            case.query.pop(narrower, None)


def _is_identity(value):
    return isinstance(value, str) and re.fullmatch("[ -~]{1,200}", value) is not None
