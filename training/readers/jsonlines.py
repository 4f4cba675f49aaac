"""Reads JSONL: one object on each line. A line that is none comes out with a fault."""

import json
from collections.abc import Iterator
from pathlib import Path

from training.readers.encoding import choose_encoding, open_lines
from training.readers.table import MAX_LINE_CHARS, RawRow, Source, Table, to_cell


def open_jsonlines(path: Path) -> Table:
    """Open a file of one JSON object a line; its header is every key, in the order in which keys first appear."""
    encoding, findings = choose_encoding(path)
    keys: dict[str, None] = {}
    for line in open_lines(path, encoding):
        fields, _ = parse_line(line)
        keys.update(dict.fromkeys(fields))
    header = tuple(keys)
    return Table(Source(path, "JSONL", encoding=encoding), header, _read_rows(path, encoding, header), findings)


def parse_line(line: str) -> tuple[dict[str, object], str]:
    """The fields of a line, and what is wrong with it; one of the two is empty."""
    if not line or line.isspace():
        return {}, ""
    if len(line) > MAX_LINE_CHARS:
        return {}, f"is a line of more than {MAX_LINE_CHARS:,} characters"
    try:
        parsed: object = json.loads(line, object_pairs_hook=_pair_once, parse_constant=_refuse_constant)
    except _TwiceError as error:
        return {}, f"has a key twice ({error})"
    except (ValueError, RecursionError):
        return {}, "is no valid JSON"
    if not isinstance(parsed, dict):
        return {}, "is no JSON object; expected {…} on each line"
    return parsed, ""


class _TwiceError(ValueError):
    """An object has the same key twice, so that one of the values would be lost."""


def _pair_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return fields


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _read_rows(path: Path, encoding: str, header: tuple[str, ...]) -> Iterator[RawRow]:
    for number, line in enumerate(open_lines(path, encoding), start=1):
        fields, fault = parse_line(line)
        if fault:
            yield RawRow(number, (), fault, line[:MAX_LINE_CHARS].rstrip("\r\n"))
        elif fields or line.isspace():
            yield RawRow(number, [to_cell(fields.get(key)) for key in header])
        else:
            yield RawRow(number, (), "is an object without fields", line.rstrip("\r\n"))
