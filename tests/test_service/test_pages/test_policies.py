"""``/kebijakan``: a mark is entered first, and then what changed is said in one sentence."""

from datetime import date
from types import SimpleNamespace

import pytest

from service.figures.effect import Estimate
from service.pages.effects import MINIMUM_WEEKS, list_weeks, say_effect
from service.pages.wording import words_of
from service.statistics import EffectPoint

from .conftest import read_text

FORM = {"judul": "Loket baru, hubungi 0812-3456-7890", "jenis": "kebijakan", "mulai": "2026-01-05"}


def made(**changes):
    mark = SimpleNamespace(day=date(2026, 1, 5), title="Loket baru")
    plain = {"mark": mark, "measure": "kept", "verdict": "rose", "mean": Estimate(0.12, 0.05, 0.19)}
    plain |= {
        "n": 900,
        "n_before": 100,
        "n_after": 40,
        "has_control": False,
        "scale": "plain",
        "is_share": True,
        "is_wider": False,
        "points": (),
    }
    return SimpleNamespace(**{**plain, **changes})


def test_a_mark_is_entered_masked_and_its_effect_is_told(log_in):
    analyst = log_in("analyst")
    assert "Belum ada yang dicatat" in read_text(analyst.get("/kebijakan"))
    page = analyst.post("/kebijakan", FORM)
    assert page.status_code == 200
    text = read_text(page)
    assert "Tercatat." in text
    assert "Belum dapat disimpulkan" in text
    assert "3456" not in text
    assert "Loket baru" in read_text(analyst.get("/kebijakan"))
    path = str(page.url.path)
    assert "Catatan dihapus." in read_text(analyst.post(f"{path}/hapus"))
    assert analyst.get(path).status_code == 404


def test_what_does_not_fit_is_told_beside_its_field_and_stays_there(log_in):
    analyst = log_in("analyst")
    page = analyst.post("/kebijakan", {**FORM, "mulai": "kemarin"})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "Loket baru" in page.text
    assert analyst.post("/kebijakan", {**FORM, "judul": " "}).status_code == 422
    assert analyst.post("/kebijakan", {**FORM, "instansi": "tidak-ada"}).status_code == 422


def test_an_auditor_sees_marks_and_enters_none(log_in):
    auditor = log_in("auditor")
    assert "<form" not in auditor.get("/kebijakan").text.partition('id="content"')[2]
    assert auditor.post("/kebijakan", FORM).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Sesudah 5 Jan 2026, bagian yang selesai tepat waktu naik 12,0 poin"),
        (
            {"verdict": "fell", "mean": Estimate(-0.12, -0.19, -0.05)},
            "turun 12,0 poin dibanding arah sebelumnya (pasti 95 dari 100: antara 5,0 poin dan 19,0 poin)",
        ),
        ({"verdict": "no_change_seen"}, "tidak terlihat perubahan pada bagian yang selesai tepat waktu"),
        ({"verdict": "too_short", "mean": None, "n_after": MINIMUM_WEEKS - 1}, "paling sedikit 24 minggu"),
        ({"verdict": "too_short", "mean": None}, "terlalu banyak minggu"),
        ({"verdict": "no_change_seen", "n": 0}, "terlalu banyak minggu"),
        ({"scale": "log", "measure": "reports", "is_share": False, "has_control": True}, "naik 13\u00a0%"),
        ({"is_wider": True}, "Ukuran ini dari semua topik instansi tersebut"),
        ({"measure": "reports", "is_share": False, "mean": Estimate(3, 1, 5)}, "naik 3,0 laporan seminggu"),
    ],
)
def test_an_effect_is_one_plain_sentence(changes, said):
    assert said in say_effect(made(**changes), words_of("id"), "id")


def test_beside_a_control_the_picture_shows_the_difference():
    point = EffectPoint(date(2026, 1, 5), 10.0, 4.0, 5.5, None)
    (week,) = list_weeks(made(points=(point,), has_control=True))
    assert week.shown == 6
    (alone,) = list_weeks(made(points=(point,)))
    assert alone.shown == 10
