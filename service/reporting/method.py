"""The last page: definitions, sources, deadlines and days off, bundles in force, and the heads of the ledger."""

from service.charts import Words
from service.reporting.definitions import DEFINITIONS, define
from service.reporting.document import Column, Page, Table
from service.reporting.view import Method, MonthView
from service.reporting.wording import term


def compose_method(view: MonthView, words: Words, used: frozenset[str]) -> Page:
    """The page of method; of definitions those that are used."""
    method, as_of = view.method, words.day(view.window.as_of)
    paragraphs = [
        (term(words, "method_definitions"), "\n".join(define(name, words) for name in DEFINITIONS if name in used)),
        (term(words, "method_sources"), term(words, "method_sources_text", as_of=as_of)),
    ]
    if method.calendar:
        paragraphs.append((term(words, "method_calendar"), _tell_calendar(method, words)))
    minimum = words.number(view.figures["minimum"].value or 0)
    remarks = [term(words, "method_persons"), term(words, "method_fewer", minimum=minimum)]
    if view.is_public:
        remarks.append(term(words, "withheld_note"))
    if not method.bundles:
        remarks.append(term(words, "method_bundles_none"))
    return Page(
        "method",
        term(words, "method"),
        tables=tuple(_list_tables(method, words)),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph[1]),
        remarks=tuple(remarks),
    )


def _tell_calendar(method: Method, words: Words) -> str:
    told = [
        term(words, "deadline_of_kind", kind=words.label("kind", kind), days=days)
        for kind, days in (method.deadlines or {}).items()
        if days is not None
    ]
    return term(words, "method_calendar_text", version=method.calendar, deadlines=", ".join(told))


def _list_tables(method: Method, words: Words) -> list[Table]:
    tables = []
    if method.bundles:
        heads = (Column(term(words, "bundle")), Column(term(words, "reports"), "count"))
        tables.append(Table("bundles", term(words, "method_bundles"), heads, method.bundles, "bundles"))
    if method.chains:
        columns = (
            Column(term(words, "chain")),
            Column(term(words, "entries"), "count"),
            Column(term(words, "head")),
        )
        rows = tuple((name, number, _break_hash(head)) for name, number, head in method.chains)
        note = term(words, "method_chains_note")
        tables.append(Table("chains", term(words, "method_chains"), columns, rows, "chains", note=note))
    return tables


def _break_hash(head: str) -> str:
    """A hash in two halves with a space, so that it fits a page and is still the whole hash."""
    return f"{head[:32]} {head[32:]}"
