"""The few pieces of Markdown that a model card is made of; every text that comes in is escaped here."""

from collections.abc import Iterable

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>|#~!&"} | {"\n": " ", "\r": " "})


def write_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; its cells are escaped, its header is not."""
    header = list(header)
    lines = [header, ["---"] * len(header), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def list_points(points: Iterable[str]) -> str:
    """A list of lines that are Markdown already."""
    return "\n".join(f"- {point}" for point in points)


def escape(text: str) -> str:
    """The text with no character that Markdown or HTML would read as a mark."""
    return text.translate(_MARKS)
