"""``/``: the page on which a person tries a report. It has an endpoint of its own, so no key reaches a browser.

The form works without JavaScript. Nothing that is typed is stored or logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from model.prediction import Prediction
from service import problems
from service.context import Context, context_of
from service.errors import StoreUnavailableError
from service.forms import read_form
from service.page import ResultView, show_prediction
from service.page_words import SAMPLES, Language, sample_names, translate
from service.pages.navigation import TRY
from service.pages.rendering import Frame, render
from service.pages.visitors import Lang, Visitor, choose_language, find_visitor
from service.problems import ProblemError
from service.tagging import tag

router = APIRouter(include_in_schema=False)
_WORDS_OF_PROBLEM = {
    problems.CROSS_SITE: "error_site",
    problems.BODY_TOO_LARGE: "error_long",
    problems.TOO_MANY_CALLS: "error_often",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """What was sent: the text, a key where the page asks for one, the number of a sample or None."""

    text: str
    key: str
    sample: int | None

    def report(self) -> str:
        """The text to classify."""
        return self.text if self.sample is None else SAMPLES[self.sample][2]


class _FormError(Exception):
    """The form cannot be answered with a result; names the words to say, the status and further headers."""

    def __init__(self, words: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.headers = dict(headers or {})
        self.field = "key" if words in {"error_key", "error_store"} else "text"


@router.get("/")
async def show_page(request: Request, lang: Lang = "id") -> Response:
    """The empty form."""
    return _render(request, await find_visitor(request), choose_language(lang), report="")


@router.post("/")
async def classify_form(request: Request, lang: Lang = "id") -> Response:
    """The form again, with the result of what was sent or with what is wrong with it."""
    context, language = context_of(request), choose_language(lang)
    visitor, report = None, ""
    try:
        form = await _read_form(request)
        # What was typed stays in the form of who is told to wait.
        report = form.report()
        visitor = await _find_visitor(request)
        await _admit(context, form, visitor)
        result = show_prediction(await _tag(context, report), context.classifier, language)
    except _FormError as error:
        return _render(request, visitor, language, report, error=error)
    return _render(request, visitor, language, report, result=result)


async def _find_visitor(request: Request) -> Visitor | None:
    try:
        return await find_visitor(request)
    except ProblemError as error:
        raise _explain(error) from error


def _explain(error: ProblemError) -> _FormError:
    return _FormError(_WORDS_OF_PROBLEM.get(error.kind, "error_form"), error.status_code, error.headers)


async def _read_form(request: Request) -> _Form:
    try:
        fields = await read_form(request)
        sample = int(fields["sample"]) if "sample" in fields else None
    except ProblemError as error:
        raise _explain(error) from error
    except ValueError as error:
        raise _FormError("error_form", problems.INVALID_FIELDS.status) from error
    if sample is not None and not 0 <= sample < len(SAMPLES):
        raise _FormError("error_form", problems.INVALID_FIELDS.status)
    return _Form(fields.get("text", ""), fields.get("key", "").strip(), sample)


async def _admit(context: Context, form: _Form, visitor: Visitor | None) -> None:
    if context.settings.is_page_open or (visitor is not None and visitor.caller.allows("classify")):
        return
    try:
        key = await context.keys.find(form.key)
    except StoreUnavailableError as error:
        raise _FormError("error_store", problems.STORE_UNAVAILABLE.status) from error
    if key is None or not key.caller.allows("classify"):
        raise _FormError("error_key", problems.PAGE_CLOSED.status)


async def _tag(context: Context, report: str) -> Prediction:
    if not report.strip():
        raise _FormError("error_empty", problems.INVALID_FIELDS.status)
    try:
        return await tag(context, report)
    except ProblemError as error:
        words = "error_long" if error.kind is problems.TEXT_TOO_LONG else "error_empty"
        raise _FormError(words, error.status_code) from error


def _render(
    request: Request,
    visitor: Visitor | None,
    language: Language,
    report: str,
    *,
    result: ResultView | None = None,
    error: _FormError | None = None,
) -> Response:
    settings = context_of(request).settings
    is_open = settings.is_page_open or (visitor is not None and visitor.caller.allows("classify"))
    return render(
        Frame(request, language, TRY, visitor),
        "page.html",
        error.status if error else 200,
        error.headers if error else None,
        samples=sample_names(language),
        contacts=[(number, translate(name, language)) for number, name in settings.emergency_contacts],
        asks_key=not is_open,
        report=report,
        result=result,
        error=translate(error.words, language) if error else None,
        faulty=error.field if error else None,
    )
