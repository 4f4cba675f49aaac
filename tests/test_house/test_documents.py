"""Documents that lie fail the build: links, commands, words and the pages made from the code."""

import ast
import re
import runpy
from pathlib import Path

import pytest

MAX_README_LINES = 150
MAX_ARCHITECTURE_LINES = 200
ADR_SECTIONS = ["Context", "Decision", "Consequences"]
CHANGE_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Scores"}
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
MENTION = re.compile(r"`((?:model|training|service|pilah|datasets|docs|tests|requirements|bench)/[\w./-]*)`")


def _n_lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_link_leads_to_a_file(documents, root):
    broken = [
        f"{path.relative_to(root)}: {target}"
        for path in documents
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_guide_mentions_exists(root, name):
    mentioned = set(MENTION.findall((root / name).read_text(encoding="utf-8")))
    missing = [path for path in mentioned if not (root / path).exists()]
    assert not missing


def test_the_readme_and_the_architecture_stay_short(root):
    assert _n_lines(root / "README.md") <= MAX_README_LINES
    assert _n_lines(root / "ARCHITECTURE.md") <= MAX_ARCHITECTURE_LINES


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "docs/security.md"])
def test_every_guard_that_a_document_names_is_a_test(root, suite, document):
    named = set(re.findall(r"`(test_\w+)`", (root / document).read_text(encoding="utf-8")))
    there = {node.name for source in suite for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef)}
    assert named
    assert (
        not named - there - {source.path.stem for source in suite} - {path.name for path in (root / "tests").iterdir()}
    )


def test_the_glossary_holds_the_words_of_a_prediction(root, sources):
    glossary = (root / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    module = next(source for source in sources if source.path == Path("model/prediction.py"))
    classes = [node.name for node in module.tree.body if isinstance(node, ast.ClassDef)]
    words = {re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower() for name in classes}
    heads = {"kind", "agency", "topic", "urgency", "aspect"}
    assert not {word for word in words | heads if f"| {word} |" not in glossary}


def test_the_glossary_has_each_word_once(root):
    rows = re.findall(r"^\| ([^|]+) \|", (root / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))


def test_the_changelog_has_a_place_for_the_next_change(root):
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= CHANGE_KINDS


def test_every_decision_record_is_one_page_of_three_parts(root):
    records = sorted((root / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ADR_SECTIONS, path.name
        assert len(text.split()) <= 600, path.name


def test_the_page_of_commands_says_what_the_commands_say(root):
    written = (root / "docs" / "commands.md").read_text(encoding="utf-8")
    render_page = runpy.run_path(str(root / "docs" / "write_commands.py"))["render_page"]
    assert written == render_page(), "run `make docs`"


def test_every_module_says_what_it_owns(sources):
    """In one to five lines; an empty ``__init__`` of a sub-package needs none."""
    wrong = []
    for source in sources:
        docstring = ast.get_docstring(source.tree, clean=False)
        n_lines = len((docstring or "").strip().splitlines())
        if source.text.strip() and not 1 <= n_lines <= 5:
            wrong.append(f"{source.path}: {n_lines} lines")
    assert not wrong


def test_no_file_names_a_machine_or_a_registry(written_files, root):
    """What holds on one machine only: its folders, its package hosts."""
    places = "|".join(["/wo" + "rk/", "/op" + "t/", "/ho" + r"me/\w+/", "/ro" + "ot/"])
    hosts = "|".join(
        ["pypi" + r"\.org", "files" + r"\.pythonhosted", "deb" + r"\.debian\.org", "npm" + r"js\.(?:org|com)"]
    )
    pattern = re.compile(f"(?<![\\w.~-])(?:{places})|{hosts}")
    found = []
    for path in written_files:
        if path.suffix in {".png", ".npy", ".lock", ".woff2", ".db"} or path.name == Path(__file__).name:
            continue
        for place, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(root)}:{place} {line.strip()[:100]}")
    assert not found


def test_nothing_is_left_to_do(sources, suite):
    marks = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|raise NotImplemented" + "Error")
    found = [
        f"{source.path}:{place}"
        for source in sources + suite
        if source.path != Path("tests/test_house/test_documents.py")
        for place, line in enumerate(source.text.splitlines(), start=1)
        if marks.search(line)
    ]
    assert not found
