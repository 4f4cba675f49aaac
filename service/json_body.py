"""Reads the JSON body of a request: bounded while it arrives, strict about bytes and syntax, exact about faults."""

import json
from collections import Counter
from collections.abc import Sequence
from email.message import Message
from typing import NoReturn

from starlette.requests import Request

from model.prediction import JsonValue
from service import problems
from service.problems import ProblemError

MAX_DEPTH = 20
# Each unknown field costs an error; tens of thousands of them would hold the event loop for seconds.
MAX_FIELDS = 1_000


async def read_limited(request: Request, max_bytes: int) -> bytes:
    """The body, refused as soon as more than ``max_bytes`` of it are announced or have arrived."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        _refuse_size(max_bytes)
    chunks = []
    n_bytes = 0
    async for chunk in request.stream():
        n_bytes += len(chunk)
        if n_bytes > max_bytes:
            _refuse_size(max_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def check_content_type(header: str | None) -> None:
    """Refuse everything but JSON in UTF-8."""
    if header == "application/json":
        return
    message = Message()
    message["content-type"] = header or "none"
    charset = message.get_content_charset("utf-8")
    if message.get_content_type() != "application/json" or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise ProblemError(
            problems.WRONG_CONTENT_TYPE,
            f"The content type is {header or 'missing'}; expected application/json in UTF-8.",
            headers={"Accept": "application/json"},
        )


def check_content_encoding(header: str | None) -> None:
    """Refuse a body that is packed: a few bytes could become gigabytes."""
    if header is not None and header.strip().lower() != "identity":
        raise ProblemError(
            problems.WRONG_CONTENT_TYPE,
            f"The content encoding is {header}; send the body as it is.",
            headers={"Accept-Encoding": "identity"},
        )


def parse_json(body: bytes, first_line: int = 1) -> JsonValue:
    """The value of a JSON document (RFC 8259, no key twice, up to ``MAX_FIELDS`` an object and ``MAX_DEPTH`` deep).

    ``first_line`` is the number of its first line in the body it comes from, for messages.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(
            problems.NOT_UTF8,
            f"Byte {error.start} of the body is 0x{body[error.start]:02x}, which is not UTF-8 there.",
            more={"offset": error.start},
        ) from error
    try:
        value: JsonValue = json.loads(
            text.removeprefix("\ufeff"), parse_constant=_refuse_constant, object_pairs_hook=_collect_pairs
        )
    except json.JSONDecodeError as error:
        number = first_line + error.lineno - 1
        raise ProblemError(
            problems.INVALID_JSON,
            f"Line {number}, column {error.colno}: {error.msg}.",
            more={"line": number, "column": error.colno},
        ) from error
    except (_JsonRuleError, RecursionError, ValueError) as error:
        raise ProblemError(problems.INVALID_JSON, _explain_rule(error)) from error
    if _depth(value) > MAX_DEPTH:
        raise ProblemError(problems.INVALID_JSON, _TOO_DEEP)
    return value


class _JsonRuleError(Exception):
    """JSON that a parser may take, but that says less than its writer meant."""


_TOO_DEEP = f"The JSON is nested more than {MAX_DEPTH} deep; a report needs no such depth."


def _explain_rule(error: Exception) -> str:
    if isinstance(error, _JsonRuleError):
        return str(error)
    return _TOO_DEEP if isinstance(error, RecursionError) else "The JSON holds a number with thousands of digits."


def _refuse_constant(name: str) -> NoReturn:
    raise _JsonRuleError(f"{name} is no JSON; leave the field out when there is no number.")


def _collect_pairs(pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    if len(pairs) > MAX_FIELDS:
        raise _JsonRuleError(f"An object has {len(pairs):,} fields; send at most {MAX_FIELDS:,}.")
    collected = dict(pairs)
    if len(collected) < len(pairs):
        raise _JsonRuleError(f"The field {_find_twice(pairs)!r} stands twice in one object; only one can be meant.")
    return collected


def _find_twice(pairs: Sequence[tuple[str, JsonValue]]) -> str:
    counts = Counter(name for name, _ in pairs)
    return next(name[:40] for name, count in counts.items() if count > 1)


def _depth(value: JsonValue) -> int:
    """How deep a value is nested, looking no deeper than needed to know that it is too deep."""
    level: list[JsonValue] = [value]
    depth = 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        inner: list[JsonValue] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        level = inner
    return depth


def _refuse_size(max_bytes: int) -> NoReturn:
    raise ProblemError(
        problems.BODY_TOO_LARGE, f"The body has more than {max_bytes:,} bytes, which is the most that is read."
    )
