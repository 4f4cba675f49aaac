"""Special functions of scipy, loaded by the first figure that needs one.

A process that answers no figure neither waits for scipy nor holds it. Arguments and results are those of
`scipy.special`, arrays of equal or broadcasting shapes.
"""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from numpy.typing import ArrayLike


@cache
def _load() -> ModuleType:
    return import_module("scipy.special")


def betainc(a: ArrayLike, b: ArrayLike, x: ArrayLike) -> Any:
    """The regularised incomplete beta function: the beta distribution's probability up to ``x`` in [0, 1]."""
    return _load().betainc(a, b, x)


def betaln(a: ArrayLike, b: ArrayLike) -> Any:
    """The logarithm of the beta function."""
    return _load().betaln(a, b)


def gammaln(x: ArrayLike) -> Any:
    """The logarithm of the gamma function."""
    return _load().gammaln(x)


def ndtr(x: ArrayLike) -> Any:
    """The normal distribution's probability up to ``x``."""
    return _load().ndtr(x)


def ndtri(p: ArrayLike) -> Any:
    """The normal distribution's quantile of ``p`` in (0, 1)."""
    return _load().ndtri(p)


def stdtrit(df: ArrayLike, p: ArrayLike) -> Any:
    """Student's t distribution's quantile of ``p`` in (0, 1) with ``df`` degrees of freedom."""
    return _load().stdtrit(df, p)


def chdtrc(df: ArrayLike, x: ArrayLike) -> Any:
    """The chi-squared distribution's probability above ``x`` with ``df`` degrees of freedom."""
    return _load().chdtrc(df, x)
