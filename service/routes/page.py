"""``/``: the page on which a person tries a report. It has an endpoint of its own, so no key reaches a browser.

The form works without JavaScript. Nothing that is typed is stored or logged.
"""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from model.prediction import Prediction
from service import problems
from service.context import Context, context_of
from service.errors import StoreUnavailableError
from service.html import answer_html
from service.json_body import read_limited
from service.page import ResultView, show_prediction
from service.page_words import SAMPLES, Language, sample_names, translate, words_of
from service.problems import ProblemError
from service.tagging import tag

router = APIRouter(include_in_schema=False)
_FORM_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 10

_Lang = Annotated[str, Query(alias="lang", max_length=10)]


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
    """The form cannot be answered with a result; names the words to say and the status."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.field = "key" if words in {"error_key", "error_store"} else "text"


@router.get("/")
async def show_page(request: Request, lang: _Lang = "id") -> Response:
    """The empty form."""
    return _render(context_of(request), _choose(lang), report="")


@router.post("/")
async def classify_form(request: Request, lang: _Lang = "id") -> Response:
    """The form again, with the result of what was sent or with what is wrong with it."""
    context, language = context_of(request), _choose(lang)
    report = ""
    try:
        form = await _read_form(request, context)
        report = form.report()
        await _admit(context, form)
        result = show_prediction(await _tag(context, report), context.classifier, language)
    except _FormError as error:
        return _render(context, language, report, error=error)
    return _render(context, language, report, result=result)


async def _read_form(request: Request, context: Context) -> _Form:
    if not _is_own(request):
        raise _FormError("error_site", problems.CROSS_SITE.status)
    if request.headers.get("content-type", "").split(";")[0].strip() != _FORM_TYPE:
        raise _FormError("error_form", problems.WRONG_CONTENT_TYPE.status)
    try:
        body = await read_limited(request, context.settings.max_body_bytes)
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
        sample = int(fields["sample"][0]) if "sample" in fields else None
    except ProblemError as error:
        raise _FormError("error_long", error.status_code) from error
    except ValueError as error:
        raise _FormError("error_form", problems.INVALID_FIELDS.status) from error
    if sample is not None and not 0 <= sample < len(SAMPLES):
        raise _FormError("error_form", problems.INVALID_FIELDS.status)
    return _Form(fields.get("text", [""])[0], fields.get("key", [""])[0].strip(), sample)


def _is_own(request: Request) -> bool:
    """Whether a form comes from this page (or from a program), not from a page of another site."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


async def _admit(context: Context, form: _Form) -> None:
    if context.settings.is_page_open:
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


def _choose(lang: str) -> Language:
    return "en" if lang == "en" else "id"


def _render(
    context: Context,
    language: Language,
    report: str,
    *,
    result: ResultView | None = None,
    error: _FormError | None = None,
) -> Response:
    contacts = context.settings.emergency_contacts
    page = context.templates.get_template("page.html").render(
        language=language,
        words=words_of(language),
        samples=sample_names(language),
        contacts=[(number, translate(name, language)) for number, name in contacts],
        asks_key=not context.settings.is_page_open,
        report=report,
        result=result,
        error=translate(error.words, language) if error else None,
        faulty=error.field if error else None,
    )
    return answer_html(page, error.status if error else 200)
