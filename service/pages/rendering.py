"""Fills a template: what every page is given (words, navigation, addresses, footer) beside what the page brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from service.context import context_of
from service.html import answer_html
from service.page_words import Language
from service.pages.navigation import Entry, list_entries
from service.pages.visitors import Visitor
from service.pages.wording import words_of


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page: its place in the navigation (None of a fault), its reader (None of nobody)."""

    request: Request
    language: Language
    entry: Entry | None
    visitor: Visitor | None

    def link(self, path: str, **parameters: object) -> str:
        """An address of ours in the language of the page; what is None or empty is left out."""
        return _write_address(path, {**parameters, "lang": "en" if self.language == "en" else None})

    def here(self, **changes: object) -> str:
        """The address of this page with parts of its state changed; None takes a part out."""
        return _write_address(self.request.url.path, {**self.state(), **changes})

    def state(self) -> dict[str, str]:
        """The state of the page as its address holds it."""
        return {name: value for name, value in self.request.query_params.items() if name != "done"}

    def note(self) -> str | None:
        """The word that tells what a form just did."""
        done = self.request.query_params.get("done")
        words = words_of(self.language)
        return words.get(f"done_{done}") if done else None


def render(
    frame: Frame, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    """A page as answer."""
    context = context_of(frame.request)
    visitor = frame.visitor
    page = context.templates.get_template(template).render(
        {
            "language": frame.language,
            "words": words_of(frame.language),
            "visitor": visitor,
            "form_token": visitor.form_token if visitor else "",
            "caller": visitor.caller if visitor else None,
            "entry": frame.entry,
            "entries": list_entries(visitor.caller) if visitor else (),
            "link": frame.link,
            "here": frame.here,
            "state": frame.state(),
            "note": frame.note(),
            "version": version("pilah"),
            "bundle": context.champion.bundle_id,
            "taxonomy": context.taxonomy.version,
            "is_demo": context.is_demo,
            "is_login": False,
            **values,
        }
    )
    return answer_html(page, status, headers)


def _write_address(path: str, parameters: Mapping[str, object]) -> str:
    query = urlencode({name: str(value) for name, value in parameters.items() if value not in {None, ""}})
    return f"{path}?{query}" if query else path
