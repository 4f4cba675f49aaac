"""Answers in HTML, under a policy that lets a page load nothing but this service's own files."""

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    # "no-referrer" would also take the origin from our own forms, by which they are known.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def answer_html(page: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page as answer."""
    return HTMLResponse(page, status, {**_HEADERS, **(headers or {})})
