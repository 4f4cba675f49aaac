"""Figures of a city in notebooks: an export of cases is opened, and asked what pages, report and interface ask.

For notebooks and scripts alone: needs pandas, and is imported by nothing of the service. Each name is loaded when it is
first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.workbench import pictures
    from service.workbench.city import City, open_city
    from service.workbench.export import read_cases, shipped_cases
    from service.workbench.imagining import imagine_bundles
    from service.workbench.questions import (
        ask_agencies,
        ask_districts,
        ask_effect,
        ask_emerging,
        ask_topics,
        ask_trends,
        ask_ways,
        say_effect,
    )
    from service.workbench.tabulating import tabulate

__all__ = [
    "City",
    "ask_agencies",
    "ask_districts",
    "ask_effect",
    "ask_emerging",
    "ask_topics",
    "ask_trends",
    "ask_ways",
    "imagine_bundles",
    "open_city",
    "pictures",
    "read_cases",
    "say_effect",
    "shipped_cases",
    "tabulate",
]

_HOMES = {
    "City": "city",
    "imagine_bundles": "imagining",
    "open_city": "city",
    "read_cases": "export",
    "shipped_cases": "export",
    "tabulate": "tabulating",
}


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'service.workbench' has no attribute {name!r}")
    if name == "pictures":
        return import_module("service.workbench.pictures")
    return getattr(import_module(f"service.workbench.{_HOMES.get(name, 'questions')}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
