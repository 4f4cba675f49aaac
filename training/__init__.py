"""Labelled rows in, bundle out: reading, checking, fitting, judging. Pandas and scikit-learn live here only.

What notebooks use (``from training import read_rows, train, evaluate, compare``) is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.config import TrainingConfig
    from training.gate import Gate
    from training.gathering import gather
    from training.recipe import Origin, Recipe
    from training.searching import Budget, search
    from training.suspects import find_suspects
    from training.workbench import compare, evaluate, read_rows, tabulate, train

__all__ = [
    "Budget",
    "Gate",
    "Origin",
    "Recipe",
    "TrainingConfig",
    "compare",
    "evaluate",
    "find_suspects",
    "gather",
    "read_rows",
    "search",
    "tabulate",
    "train",
]

_HOMES = {
    "Budget": "training.searching",
    "Gate": "training.gate",
    "Origin": "training.recipe",
    "Recipe": "training.recipe",
    "TrainingConfig": "training.config",
    "find_suspects": "training.suspects",
    "gather": "training.gathering",
    "search": "training.searching",
}


def __getattr__(name: str) -> object:
    """Load what is asked for, so that `import training` alone costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'training' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "training.workbench")), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
