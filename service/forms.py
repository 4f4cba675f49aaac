"""Reads forms of pages: only those sent from a page of this service, bounded, in UTF-8."""

from urllib.parse import parse_qs

from starlette.requests import Request

from service import problems
from service.context import context_of
from service.json_body import read_limited
from service.problems import ProblemError

FORM_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 100


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name.

    Raises
    ------
    ProblemError
        403: sent from another site. 413: too long. 415: no form. 422: not UTF-8, or too many fields.
    """
    if not is_own(request):
        raise ProblemError(problems.CROSS_SITE, problems.CROSS_SITE.advice)
    if request.headers.get("content-type", "").split(";")[0].strip() != FORM_TYPE:
        raise ProblemError(problems.WRONG_CONTENT_TYPE, f"Send the form as {FORM_TYPE}.")
    body = await read_limited(request, context_of(request).settings.max_body_bytes)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise ProblemError(problems.INVALID_FIELDS, "The form cannot be read.") from error
    return {name: values[0] for name, values in fields.items()}


def is_own(request: Request) -> bool:
    """Whether a form comes from a page of this service (or from a program), not from a page of another site.

    Browsers say so themselves in ``Sec-Fetch-Site``, which no page can forge. Those that do not, and all over plain
    HTTP, name the ``Origin``: it must be ``PILAH_PUBLIC_URL`` or, without that setting, the host that was asked for.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    public_url = context_of(request).settings.public_url
    if public_url is not None:
        return origin == public_url
    # A proxy may have taken TLS off, so the scheme says nothing.
    return origin.partition("://")[2] == request.headers.get("host")
