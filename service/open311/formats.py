"""Writes answers as GeoReport asks, in XML and JSON, faults among them; what an answer holds is decided elsewhere.

The JSON is the XML without its outermost element, with real numbers and truth values, and lists that stay lists.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import Response

from model.prediction import JsonValue
from service.problems import FieldError, ProblemError

Format = Literal["json", "xml"]
FORMATS: Final[tuple[Format, ...]] = ("xml", "json")
PREFIX: Final = "/open311"
MEDIA_TYPES: Final[Mapping[Format, str]] = {"xml": "text/xml", "json": "application/json"}
_ENTRY_OF: Final = {
    "services": "service",
    "attributes": "attribute",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
# GeoReport has 403 for every fault of a key and 400 for every other one; what a client may send again stays what it is.
_STATUS: Final[Mapping[int, int]] = {401: 403, 413: 400, 415: 400, 422: 400}
# What the fields of a report are called here.
_FIELD_OF: Final = {"#/text": "description"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_edge(path: str) -> bool:
    """Whether an address belongs to this edge."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def find_format(path: str) -> Format:
    """The format an address asks for: JSON by its ending, else XML, which GeoReport requires."""
    return "json" if path.endswith(".json") else "xml"


def answer(
    name: str, content: JsonValue, wanted: Format, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to send; ``name`` is the outermost element of the XML."""
    body = _write_json(content) if wanted == "json" else _write_xml(name, content)
    return Response(body, status, dict(headers or {}), f"{MEDIA_TYPES[wanted]}; charset=utf-8")


def answer_problem(path: str, problem: ProblemError) -> Response:
    """A problem in the shape of GeoReport: a list of codes and descriptions."""
    status = _STATUS.get(problem.kind.status, problem.kind.status)
    found = [_describe(error) for error in problem.errors] or [problem.detail]
    headers = {name: value for name, value in (problem.headers or {}).items() if name != "WWW-Authenticate"}
    errors: list[JsonValue] = [{"code": status, "description": description} for description in found]
    return answer("errors", errors, find_format(path), status, headers)


def _describe(error: FieldError) -> str:
    """What is wrong with a field, by the name it has here; a fault of several fields bears no name."""
    name = _FIELD_OF.get(error.name, error.name)
    return f"{name}: {error.detail}" if name else error.detail


def _write_json(content: JsonValue) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _write_xml(name: str, content: JsonValue) -> bytes:
    root = Element(name)
    _fill(root, content)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: Element, content: JsonValue) -> None:
    if isinstance(content, dict):
        for name, value in content.items():
            _fill(SubElement(element, name), value)
    elif isinstance(content, list):
        for value in content:
            _fill(SubElement(element, _ENTRY_OF[element.tag]), value)
    elif isinstance(content, str):
        element.text = _NO_XML.sub("", content)
    elif content is not None:
        element.text = json.dumps(content)
