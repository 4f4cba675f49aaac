import json
import re
import runpy
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import vl_convert
from defusedxml import ElementTree

from service import charts
from service.charts import picture, words_in
from service.charts.picture import HUES

_ALL = runpy.run_path(str(Path(__file__).with_name("samples.py")))["all_pictures"]
NAMES = sorted(set(charts.__all__) - {"Cell", "Language", "Picture", "Row", "Words", "trust_charts", "words_in"})
PAPER, NIGHT = "#ffffff", "#14181c"
TELEPHONE = 350


@pytest.fixture(scope="module")
def pictures():
    return {language: _ALL(words_in(language)) for language in ("id", "en")}


def test_every_chart_has_a_sample(pictures):
    assert sorted(pictures["id"]) == NAMES
    assert all(name == shown.name for name, shown in pictures["id"].items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_chart_is_valid_says_what_it_shows_and_asks_nothing_of_others(pictures, language, name):
    shown = pictures[language][name]
    spec = shown.spec()
    assert spec["layer"] == shown.chart.to_dict(validate=True)["layer"]
    written = json.dumps({key: value for key, value in spec.items() if key != "$schema"})
    assert spec["title"]["text"] == shown.title
    assert spec["description"].startswith(shown.title)
    assert len(shown.description) > len(shown.title)
    assert "http" not in written
    assert '"url"' not in written
    assert "None" not in shown.description
    assert "{" not in shown.description + shown.title


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_fits_a_telephone_and_is_drawn(pictures, name):
    svg = vl_convert.vegalite_to_svg(pictures["id"][name].spec(width=TELEPHONE), allowed_base_urls=[])
    tree = ElementTree.fromstring(svg)
    assert float(tree.attrib["width"]) <= TELEPHONE + 10
    assert pictures["id"][name].spec()["width"] == "container"
    assert len(list(tree.iter("{http://www.w3.org/2000/svg}path"))) > 1


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_are_not_there_are_said_in_words(name):
    words = words_in("id")
    more = {"mark": {"day": date(2026, 1, 1), "title": "Loket"}} if name == "policy_effect" else {}
    shown = getattr(charts, name)([], words, **more)
    assert shown.description == words.say("nothing")
    assert words.say("nothing") in vl_convert.vegalite_to_svg(shown.spec(width=TELEPHONE))


def test_the_same_rows_give_the_same_specification():
    first, second = (_ALL(words_in("id")) for _ in range(2))
    assert all(first[name].spec() == second[name].spec() for name in NAMES)


def test_numbers_and_months_are_indonesian(pictures):
    svg = vl_convert.vegalite_to_svg(pictures["id"]["topic_series"].spec(width=600))
    assert "1.000" in svg
    assert re.search(r">(Mei|Agu|Okt|Jul|Jan) 202", svg)
    english = vl_convert.vegalite_to_svg(pictures["en"]["topic_series"].spec(width=600))
    assert "1,000" in english


def test_a_unit_with_too_few_reports_has_no_figure_but_says_so(pictures):
    for name in ("share_bars", "observed_expected"):
        written = json.dumps(pictures["id"][name].spec(), ensure_ascii=False)
        assert "belum cukup data (n = 12)" in written


def test_units_stand_in_the_order_of_the_taxonomy_whatever_their_figures():
    words = words_in("id")
    rows = [
        {"label": slug, "n": 50, "share": share, "low": share, "high": share}
        for slug, share in (("disdukcapil", 0.1), ("dinas-pupr", 0.9), ("dinas-kesehatan", 0.5))
    ]
    for given in (rows, rows[::-1]):
        spec = charts.share_bars(given, words).spec()
        domains = [layer["encoding"]["y"]["scale"]["domain"] for layer in spec["layer"]]
        assert all(domain == ["dinas-kesehatan", "dinas-pupr", "disdukcapil"] for domain in domains)


def test_a_district_with_a_withheld_village_shows_no_total(pictures):
    written = json.dumps(pictures["id"]["district_tiles"].spec(), ensure_ascii=False)
    assert '"name": "Talawi"' in written
    assert '"name": "Silungkang  62"' in written


def test_signs_in_a_series_are_numbered_and_explained(pictures):
    notes = pictures["en"]["topic_series"].notes
    assert [note[0] for note in notes] == ["1", "2", "A"]
    assert "Bundle a1b2c3d4 in force" in notes[2]


def test_hues_read_on_paper_and_at_night():
    assert min(_contrast(hue, ground) for hue in HUES for ground in (PAPER, NIGHT)) >= 3


def test_a_long_name_is_wrapped_and_loses_nothing():
    name = "Dinas Perumahan, Permukiman, Pertanahan dan Lingkungan Hidup"
    lines = picture.wrap(name, 38).split("\n")
    assert " ".join(lines) == name
    assert max(map(len, lines)) <= 38


def test_altair_is_loaded_by_the_first_picture_and_pandas_never():
    script = (
        "import sys\nfrom service import charts\nassert 'altair' not in sys.modules\n"
        "charts.reliability([{'confidence': 0.5, 'right': 0.5, 'n': 9, 'low': 0.3, 'high': 0.7}], "
        "charts.words_in('id')).spec()\n"
        "assert 'altair' in sys.modules\n"
        "assert not {'pandas', 'sklearn', 'statsmodels', 'vl_convert', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def _contrast(first, second):
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(hue):
    parts = [int(hue[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_title_of_a_late_mark_stands_to_its_left():
    days = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(30)]
    rows = [{"day": day, "n": 1.0, "fitted": None, "counterfactual": None} for day in days]

    def place_title(day):
        drawn = charts.policy_effect(rows, words_in("id"), mark={"day": day, "title": "Loket"}).spec()["layer"]
        return next(layer["mark"]["align"] for layer in drawn if layer["mark"]["type"] == "text")

    assert [place_title(day) for day in (days[3], days[27])] == ["left", "right"]
