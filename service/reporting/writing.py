"""Writes a monthly report to a file: brings figures up to the ledger, gathers, composes, and gives it its form."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Engine

from model.errors import PilahError
from model.shipped import taxonomy_in_force
from service.callers import Caller
from service.cases.derivation import Cases
from service.charts import Language, words_in
from service.engine import snapshot, writing
from service.handling.clock import local_day
from service.ledger.deriving import derive
from service.reporting.appendix import write_appendix
from service.reporting.composing import compose
from service.reporting.document import Document
from service.reporting.gathering import gather
from service.reporting.typesetting import typeset
from service.reporting.view import shift
from service.reporting.webpage import write_webpage
from service.reporting.workbook import write_workbook

Form = Literal["pdf", "xlsx", "html"]

_DERIVED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """Which report is wanted. ``agency`` narrows it to one; ``counts_restricted`` takes accusations in."""

    month: date
    form: Form
    language: Language
    is_public: bool = False
    agency: str | None = None
    counts_restricted: bool = False

    @property
    def caller(self) -> Caller:
        """For whom figures are summed."""
        scopes = {"analyse", *(["oversight"] if self.counts_restricted else [])}
        return Caller("report", "key", "monthly report", frozenset(scopes), self.agency)


def write(
    engine: Engine, wish: Wish, path: Path, appendix: Path | None, now: datetime, tell: Callable[[str], None]
) -> int:
    """Write a report and, where wanted, its appendix; the number of its pages.

    Raises
    ------
    PilahError
        The month lies in the future, or the agency is not known.
    """
    _check(wish, now)
    tell("counting what is new")
    with writing(engine) as connection:
        n_read = derive(connection, Cases(), _DERIVED_AT_ONCE)
    while n_read:
        with writing(engine) as connection:
            n_read = derive(connection, Cases(), _DERIVED_AT_ONCE)
    words = words_in(wish.language)
    tell("asking for figures")
    with snapshot(engine) as connection:
        view = gather(connection, wish.caller, wish.month, is_public=wish.is_public)
    tell("writing pages")
    document = compose(view, words)
    _replace(path, _give_form(document, wish.form))
    if appendix is not None:
        _replace(appendix, write_appendix(document).encode())
    return len(document.pages)


def _check(wish: Wish, now: datetime) -> None:
    today = local_day(now)
    if wish.month > today:
        raise PilahError(f"{wish.month:%Y-%m} lies in the future; ask for a month that has begun.")
    if wish.is_public and shift(wish.month, 1) > today:
        raise PilahError(
            f"{wish.month:%Y-%m} is not over; a public report, written twice, would tell what came in between. "
            "Ask for a month that is over."
        )
    if wish.is_public and wish.agency is not None:
        raise PilahError(
            "--public and --agency exclude each other: what everybody may read is of the whole city, since the rest of "
            "the city beside one agency would tell hidden numbers."
        )
    agencies = taxonomy_in_force().slugs("agency")
    if wish.agency is not None and wish.agency not in agencies:
        raise PilahError(
            f"{wish.agency!r} is no agency of the taxonomy; its slugs are in datasets/taxonomy/agencies.csv."
        )


def _give_form(document: Document, form: Form) -> bytes:
    if form == "pdf":
        return typeset(document)
    return write_workbook(document) if form == "xlsx" else write_webpage(document).encode()


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
