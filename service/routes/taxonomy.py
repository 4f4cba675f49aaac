"""``GET /v1/taxonomy``: the labels of all heads with their names, for apps that show or offer them."""

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from pydantic import Field
from starlette.responses import Response

from model.prediction import JsonValue
from model.taxonomy import Label, Taxonomy
from service import problems
from service.answers import Described
from service.api_route import ApiRoute, needs
from service.charts.words import words_in
from service.context import context_of
from service.feedback import write_json
from service.openapi import declare

router = APIRouter(route_class=ApiRoute, tags=["classify"])
# A city renames a unit now and then; an app that asks again within minutes learns nothing new.
_CACHE: Final = "private, max-age=300"


class TaxonomyLabel(Described):
    """A label: its slug never changes its meaning, its names may."""

    slug: str
    name: Annotated[str, Field(description="In Indonesian.")]
    name_en: Annotated[str | None, Field(description="In English; null where there is none: units keep their names.")]
    verified: Annotated[bool, Field(description="False while the city has not confirmed the unit.")]
    valid_from: Annotated[date | None, Field(description="The first day on which it may be given; null for always.")]
    valid_to: Annotated[date | None, Field(description="The last day on which it may be given; null for no end.")]
    merged_into: Annotated[str | None, Field(description="The label that took its place.")]


class TaxonomyAgency(TaxonomyLabel):
    """An agency."""

    scope: Annotated[str, Field(description="`city`: of the city. `external`: nothing goes there without a person.")]
    duties: Annotated[str | None, Field(description="What it is there for, in Indonesian.")]


class TaxonomyTopic(TaxonomyLabel):
    """A topic."""

    group: Annotated[str, Field(description="Topics of a group stand together in a list.")]


class TaxonomyUrgency(TaxonomyLabel):
    """An urgency."""

    rank: Annotated[int, Field(ge=0, description="0 for the mildest.")]


class TaxonomyAnswer(Described):
    """All labels, each list in the order of the city's files; those that have ended too."""

    version: Annotated[str, Field(description="The city's own name for it.")]
    digest: Annotated[str, Field(description="SHA-256 of its files.")]
    agencies: list[TaxonomyAgency]
    topics: list[TaxonomyTopic]
    kinds: list[TaxonomyLabel]
    urgencies: list[TaxonomyUrgency]
    aspects: list[TaxonomyLabel]


_Describe = Callable[[Label], dict[str, JsonValue]]
_IfNoneMatch = Annotated[
    str | None,
    Header(max_length=1_000, description="`ETag` of an earlier answer: 304 without a body while it still holds."),
]


@router.get(
    "/v1/taxonomy",
    operation_id="getTaxonomy",
    summary="All labels with their names",
    response_model=None,
    responses={
        **declare({200: (TaxonomyAnswer, "The labels; `ETag` names this answer.")}, problems.INVALID_FIELDS),
        304: {"description": "The answer that `If-None-Match` names still holds."},
    },
    openapi_extra=needs("classify", "ingest", "triage", "analyse", "audit"),
)
async def get_taxonomy(request: Request, if_none_match: _IfNoneMatch = None) -> Response:
    """List agencies, topics, kinds, urgencies and aspects: slugs for programs, names for people."""
    content = write_json(describe(context_of(request).taxonomy)).encode()
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _CACHE}
    if _is_named(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, "application/json")


def describe(taxonomy: Taxonomy) -> dict[str, JsonValue]:
    """A taxonomy as it is answered."""
    further: Mapping[str, tuple[str, _Describe]] = {
        "agencies": ("agency", _describe_agency),
        "topics": ("topic", lambda label: {"group": label.details["group"]}),
        "kinds": ("kind", lambda _: {}),
        "urgencies": ("urgency", lambda label: {"rank": int(label.details["rank"])}),
        "aspects": ("aspect", lambda _: {}),
    }
    english = words_in("en", taxonomy).english
    lists: dict[str, JsonValue] = {
        name: [
            {**_describe(label, english.get((head, label.slug))), **more(label)}
            for label in taxonomy.heads[head].values()
        ]
        for name, (head, more) in further.items()
    }
    return {"version": taxonomy.version, "digest": taxonomy.digest, **lists}


def _describe(label: Label, english: str | None) -> dict[str, JsonValue]:
    return {
        "slug": label.slug,
        "name": label.name,
        "name_en": english,
        "verified": label.is_verified,
        "valid_from": label.valid_from.isoformat() if label.valid_from else None,
        "valid_to": label.valid_to.isoformat() if label.valid_to else None,
        "merged_into": label.merged_into,
    }


def _describe_agency(label: Label) -> dict[str, JsonValue]:
    return {"scope": label.details["scope"], "duties": label.details["duties_id"] or None}


def _is_named(tag: str, if_none_match: str | None) -> bool:
    """Whether the header names the answer, or any (RFC 9110, section 13.1.2: weak ones compare alike)."""
    named = [part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")]
    return tag in named or "*" in named
