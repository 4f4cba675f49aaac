"""Reads a body of one JSON value a line: bounded while it arrives, each line on its own, so that a bad one spoils none.

Only lines; what a line must hold is its reader's business.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NoReturn

from starlette.requests import Request

from service import problems
from service.problems import ProblemError

MAX_LINES = 10_000
MAX_BYTES = 16 << 20
# A text of the longest kind, every character escaped, with its fields.
MAX_LINE_BYTES = 1 << 20
CONTENT_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something; ``number`` counts from 1 and counts empty lines too."""

    number: int
    content: bytes


async def read_lines(request: Request) -> list[Line]:
    """The lines of a body; empty ones are left out.

    Raises
    ------
    ProblemError
        413 as soon as there is too much of it, 415 for another content type.
    """
    _check_type(request.headers.get("content-type", ""))
    lines: list[Line] = []
    number = 0
    async for content in _split(request):
        number += 1
        if content.strip():
            if len(lines) == MAX_LINES:
                _refuse(f"The body has more than {MAX_LINES:,} reports; send the others in another call.")
            lines.append(Line(number, content))
    return lines


async def _split(request: Request) -> AsyncIterator[bytes]:
    rest, n_bytes = b"", 0
    async for chunk in request.stream():
        n_bytes += len(chunk)
        if n_bytes > MAX_BYTES:
            _refuse(f"The body is larger than {MAX_BYTES:,} bytes; send its reports in several calls.")
        *whole, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (rest + chunk,)
        for content in whole:
            yield content
        if len(rest) > MAX_LINE_BYTES:
            _refuse(f"A line is longer than {MAX_LINE_BYTES:,} bytes; send one report a line.")
    if rest:
        yield rest


def _check_type(header: str) -> None:
    name, _, parameters = header.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if name.strip().lower() not in CONTENT_TYPES or charset not in {"", "utf-8", "utf8"}:
        raise ProblemError(
            problems.WRONG_CONTENT_TYPE,
            f"The content type is {header or 'missing'}; expected {CONTENT_TYPES[0]}, one JSON object a line.",
            headers={"Accept": CONTENT_TYPES[0]},
        )


def _refuse(detail: str) -> NoReturn:
    raise ProblemError(problems.BODY_TOO_LARGE, detail)
