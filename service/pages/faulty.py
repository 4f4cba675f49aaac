"""What is wrong with a form, in words beside each field: the faults that a route of ``/v1`` names, as pages say them.

Knows no form; a field is known by its name in the body of the route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from service.pages.visits import Visit
from service.pages.wording import words_of
from service.problems import ProblemError

_PREFIX: Final = "problem_"
_OTHER: Final = "problem_other"


@dataclass(frozen=True, slots=True)
class Faults:
    """What is said of the whole form, and of each field by its name."""

    general: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str | None:
        """What is wrong with a field."""
        return self.fields.get(name)


def read_faults(visit: Visit, problem: ProblemError) -> Faults:
    """The faults of a problem; in English with what the route says, in Indonesian with what the page knows of it."""
    words = words_of(visit.language)
    general = words.get(_PREFIX + problem.kind.slug.replace("-", "_"), words[_OTHER])
    found: dict[str, str] = {}
    for error in problem.errors:
        name = error.name.removeprefix("#/").partition("/")[0]
        known = words.get(f"field_{name}")
        found.setdefault(name, f"{words['fault']} {known or ''}".strip() if visit.language == "id" else error.detail)
    return Faults(general, found)
