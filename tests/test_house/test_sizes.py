"""Short files and short functions: the caps of the house style. Complexity is ruff's (C901)."""

import ast
from statistics import median

MAX_FILE_LINES = 350
MEDIAN_FILE_LINES = 120
MAX_FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10


def _functions(sources):
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{source.path}:{node.lineno} {node.name}", _count_lines(node)


def _count_lines(function):
    """From ``def`` to the last line; a docstring is no code."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    n_docstring = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - n_docstring


def test_no_file_is_longer_than_the_cap(sources, suite):
    long = {str(source.path): source.n_lines for source in sources + suite if source.n_lines > MAX_FILE_LINES}
    assert not long


def test_the_median_file_is_short(sources):
    assert median(source.n_lines for source in sources) <= MEDIAN_FILE_LINES


def test_no_function_is_longer_than_the_cap(sources):
    long = {name: n_lines for name, n_lines in _functions(sources) if n_lines > MAX_FUNCTION_LINES}
    assert not long


def test_the_median_function_is_short(sources):
    assert median(n_lines for _, n_lines in _functions(sources)) <= MEDIAN_FUNCTION_LINES
