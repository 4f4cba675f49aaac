"""Pages in their order: the mayor's, topics and places, all units, one of each, the method."""

from collections.abc import Sequence

from service.charts import Words
from service.reporting.appendix import list_sentences
from service.reporting.document import Document, Page
from service.reporting.mayor import compose_mayor, compose_topics
from service.reporting.method import compose_method
from service.reporting.units import compose_overview, compose_unit
from service.reporting.view import MonthView
from service.reporting.wording import term


def compose(view: MonthView, words: Words) -> Document:
    """The report of a month; the same view gives the same document."""
    window = view.window
    banner = term(words, "public" if view.is_public else "internal")
    if view.is_demo:
        banner = f"{term(words, 'demo')} · {banner}"
    pages = [compose_mayor(view, words)]
    if view.topics:
        pages.append(compose_topics(view, words))
    if view.units or view.quiet:
        pages.append(compose_overview(view, words))
    pages += [compose_unit(unit, view, words) for unit in view.units]
    return Document(
        term(words, "title", month=words.month(window.month)),
        window.month,
        window.as_of,
        words,
        banner,
        term(words, "footer", as_of=words.day(window.as_of)),
        (*pages, compose_method(view, words, _list_used(pages))),
        view.is_public,
    )


def _list_used(pages: Sequence[Page]) -> frozenset[str]:
    """The definitions that sentences and tables refer to."""
    sentences = [sentence for page in pages for sentence in list_sentences(page)]
    of_figures = {figure.definition for sentence in sentences for figure in sentence.figures}
    return frozenset(of_figures | {table.definition for page in pages for table in page.tables})
