import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from model.thresholds import HeadThresholds, Threshold, Thresholds
from training.evaluation import Evaluation
from training.portrait import read_portrait
from training.report import NOT_JUDGED, render_report, write_report


class _Page(HTMLParser):
    """What a reader of the page meets: its elements, its figures with their tables, its words, its addresses."""

    VOID = frozenset({"meta", "path", "line", "rect"})

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.figures, self.words, self.addresses = [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "xlink:href", "action"}]
        if tag == "figure":
            self.figures.append([])
        elif "figure" in self.open:
            self.figures[-1].append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, _):
        self.elements.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.words.append(text)


@pytest.fixture(scope="module")
def portrait(trained, classifier):
    """The topic alone: the fewer charts, the quicker."""
    whole = read_portrait(trained.folder, classifier, trained.evaluation)
    heads = tuple(head for head in whole.facts.heads if head.name == "topic")
    topic = Evaluation(
        {"topic": whole.evaluation.heads["topic"]}, whole.evaluation.unknown_labels, whole.evaluation.days
    )
    return replace(whole, facts=replace(whole.facts, heads=heads), evaluation=topic)


@pytest.fixture(scope="module")
def html(trained):
    return (trained.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    return _Page(html)


def test_the_page_is_well_formed_and_says_its_language(page, html):
    assert page.open == []
    assert html.startswith('<!DOCTYPE html>\n<html lang="id">')


def test_the_page_runs_nothing_and_asks_for_nothing(page, html):
    assert not {"script", "link", "img", "iframe", "object", "form", "image", "foreignobject"} & set(page.elements)
    assert page.addresses == []
    outside = {address for address in re.findall(r"https?://[^\"' <]+", html) if "www.w3.org" not in address}
    assert outside == set()
    assert "default-src 'none'; style-src 'sha256-" in html


def test_every_chart_has_its_table(page):
    n_heads = 5
    assert len(page.figures) == 4 * n_heads + 1
    for figure in page.figures:
        assert "svg" in figure
        assert "table" in figure or figure[-1] == "p"


def test_the_first_line_sums_up_in_indonesian(page):
    text = "".join(page.words)
    assert "Diuji pada laporan yang tidak dipakai melatih (4 Juni 2026 sampai 2 Agustus 2026): Jenis benar" in text
    assert "Topik benar 93,3%" in text


def test_thresholds_say_what_stays_undecided(page):
    assert page.words.count("Tidak diputuskan") == 5


def test_says_what_it_was_trained_and_calibrated_on(page):
    text = "".join(page.words)
    assert "5 Januari 2026 sampai 3 Juni 2026" in text
    assert "Laporan kalibrasi" in text
    assert "Sumber: pilah" in text


def test_names_labels_for_people_and_the_ones_that_were_never_learnt(page):
    assert "Dinas Pekerjaan Umum dan Penataan Ruang" in page.words
    assert "Label dalam laporan uji yang tidak pernah dipelajari; dihitung sebagai salah" in page.words


def test_shows_the_words_of_each_label_with_those_of_one_root_together(page):
    assert any("lubang (berlubang)" in text or "berlubang (lubang)" in text for text in page.words)


def test_lists_the_labels_that_were_left_out(portrait):
    head = replace(portrait.facts.heads[0], left_out={"sampah": 3})
    html = render_report(replace(portrait, facts=replace(portrait.facts, heads=(head,))))
    assert "Kurang dari 10 laporan" in html
    assert "Sampah dan kebersihan" in html


def test_without_test_rows_it_says_that_nothing_was_judged(portrait):
    nothing = replace(portrait, evaluation=None, rehearsal=None)
    assert f'<p class="lead">{NOT_JUDGED}</p>' in render_report(nothing)
    assert "Galat kalibrasi" not in render_report(nothing)


def test_a_rehearsal_is_shown_as_such_and_claims_nothing_of_confidence(portrait):
    rehearsed = replace(portrait, evaluation=None, rehearsal=Evaluation(dict(portrait.evaluation.heads), {}))
    html = render_report(rehearsed)
    assert NOT_JUDGED in html
    assert "Topik (geladi)" in html
    assert "Galat kalibrasi" not in html


def test_warns_when_test_rows_are_older_than_training_rows(portrait):
    early = replace(portrait.evaluation, days=portrait.facts.days)
    assert "Angkanya mungkin terlalu bagus" in render_report(replace(portrait, evaluation=early))
    assert "Angkanya mungkin terlalu bagus" not in render_report(portrait)


def test_a_label_that_looks_like_markup_stays_text(portrait):
    html = render_report(replace(portrait, name=lambda _, label: f"<script>alert('{label}')</script>"))
    page = _Page(html)
    assert "script" not in page.elements
    assert "<script>alert('jalan-rusak')</script>" in page.words


def test_answers_without_a_mistake_need_no_table_of_confusions(page):
    assert "Tidak ada jawaban yang salah." in page.words


def test_a_report_of_further_rows_goes_to_a_folder_of_its_own(portrait, tmp_path):
    write_report(tmp_path / "new" / "folder", portrait)
    html = (tmp_path / "new" / "folder" / "report.html").read_text(encoding="utf-8")
    metrics = json.loads((tmp_path / "new" / "folder" / "metrics.json").read_text(encoding="utf-8"))
    assert html == render_report(portrait)
    assert metrics["heads"]["topic"]["n_rows"] == 60


def test_says_from_where_each_head_decides_alone_or_why_nowhere(page, portrait):
    assert "Ambang keputusan" in page.words
    assert "tanpa anggaran: petugas memastikan" in page.words
    assert "laporan geladi terlalu sedikit: semuanya saran" in page.words
    assert "Ambang tanda bahaya" in page.words
    bare = replace(portrait, facts=replace(portrait.facts, thresholds=Thresholds()))
    assert "Bundel ini tidak membawa ambang: semua jawabannya hanya saran." in render_report(bare)


def test_thresholds_are_shown_with_what_they_were_found_on(portrait):
    none = Threshold(None, None, 300, 75, 20, "no threshold meets the budget")
    found = HeadThresholds(0.05, Threshold(0.9, 0.874, 800, 240, 5, None), {"parkir": none})
    facts = replace(portrait.facts, thresholds=Thresholds({"topic": found}))
    cells = _Page(render_report(replace(portrait, facts=facts))).words
    assert {"5,0%", "0,87", "800", "240", f"Topik: {portrait.name('topic', 'parkir')}"} <= set(cells)
    assert "tidak ada ambang yang terbukti mematuhi: semuanya saran" in cells
