"""Names that say nothing, and names of the packages used for something else, are banned."""

import ast

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "info", "misc"}
PACKAGES = {"model", "service", "training"}
N_WORDS = 3  # "test", what it does and to what
BANNED_NAMES = EMPTY_WORDS | PACKAGES | {"data"}


def _names(tree):
    """Names the code gives to variables, attributes, arguments, functions and classes, with their line.

    Methods are left out: they are read with their object, as in ``log.info``.
    """
    methods = {id(child) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for child in node.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and id(node) not in methods:
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno


def _words(name):
    return set(name.strip("_").lower().split("_"))


def test_no_module_has_an_empty_name(sources):
    banned = [
        str(source.path)
        for source in sources
        for part in (*source.path.parts[1:-1], source.path.stem)
        if part in BANNED_NAMES or _words(part) & EMPTY_WORDS
    ]
    assert not banned


def test_no_name_in_the_code_is_banned(sources):
    banned = [
        f"{source.path}:{line} {name}"
        for source in sources
        for name, line in _names(source.tree)
        if name.strip("_").lower() in BANNED_NAMES or _words(name) & EMPTY_WORDS
    ]
    assert not banned


def test_no_class_is_a_manager_or_a_helper(sources):
    endings = ("Manager", "Helper", "Utils", "Info", "Data")
    banned = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(endings)
    ]
    assert not banned


def test_the_name_of_a_test_is_a_claim(suite):
    short = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in suite
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and len(node.name.split("_")) < N_WORDS
    ]
    assert not short
