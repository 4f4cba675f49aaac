import re
from collections import Counter
from pathlib import Path

import pytest

from service import page
from service.page import load_templates
from service.pages.formats import add_formats
from service.pages.navigation import ENTRIES
from service.pages.wording import FOLDER, read_words, words_of

TEMPLATES = sorted(Path(page.__file__).with_name("templates").glob("*.html"))


def test_every_word_is_there_in_both_languages_and_once():
    rows = list(read_words())
    assert [name for name, n in Counter(name for name, _, _ in rows).items() if n > 1] == []
    assert [name for name, indonesian, english in rows if not indonesian.strip() or not english.strip()] == []


def test_both_languages_leave_the_same_places_to_fill():
    gaps = re.compile(r"\{\w+\}")
    assert [n for n, *both in read_words() if len({tuple(sorted(gaps.findall(one))) for one in both}) > 1] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_a_template_uses_is_there(template):
    used = set(re.findall(r"words\.(\w+)", template.read_text(encoding="utf-8")))
    used |= set(re.findall(r'words\["(\w+)"\]', template.read_text(encoding="utf-8")))
    assert used - set(words_of("id")) == set()


def test_every_page_of_the_navigation_has_its_word_and_its_icon():
    icons = (FOLDER.parents[1] / "templates" / "icons.html").read_text(encoding="utf-8")
    assert [entry.word for entry in ENTRIES if entry.word not in words_of("en") or f'"{entry.word}"' not in icons] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_forbids(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(
        r"<style|\sstyle=|\son\w+=|javascript:|https?://|<script(?![^>]*(?:\ssrc=|application/json))", text
    )
    assert add_formats(load_templates()).get_template(template.name)
