"""What every page asks: in which language it is read, and who is logged in there."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from service.admission import admit_visitor, form_token_of
from service.callers import Caller
from service.errors import StoreUnavailableError
from service.page_words import Language

Lang = Annotated[str, Query(alias="lang", max_length=10)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is logged in, as pages show it; ``form_token`` is for every form of the session."""

    name: str
    role: str
    caller: Caller
    form_token: str


async def find_visitor(request: Request) -> Visitor | None:
    """Who is logged in; nobody while the store is away, so that a page that is open to all still opens.

    Raises
    ------
    ProblemError
        429: the person, or the address of nobody we know, asks too often.
    """
    try:
        return await know_visitor(request)
    except StoreUnavailableError:
        return None


async def know_visitor(request: Request) -> Visitor | None:
    """Who is logged in, for a page that is not open to all: while the store is away it is not known who is.

    Raises
    ------
    ProblemError
        As `find_visitor`.
    StoreUnavailableError
        The store does not say.
    """
    account = await admit_visitor(request)
    if account is None:
        return None
    return Visitor(account.name, account.role, account.to_caller(), form_token_of(request))


def choose_language(lang: str) -> Language:
    """The language that the address asks for, Indonesian when it asks for none."""
    return "en" if lang == "en" else "id"
