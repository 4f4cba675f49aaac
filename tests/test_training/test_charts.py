import re

import altair as alt
import numpy as np
import pytest
from defusedxml.ElementTree import fromstring

from training.charts import (
    N_CONFUSED_LABELS,
    N_SHOWN_LABELS,
    OTHERS,
    chart_svg,
    confusion_chart,
    coverage_chart,
    label_chart,
    length_chart,
    name_steps,
    reliability_chart,
)
from training.describing import LENGTH_STEPS
from training.judging import judge_head


def _judge(n_labels, n_rows=400):
    draws = np.random.default_rng(0)
    labels = np.array([f"label-{number:02}" for number in range(n_labels)])
    shares = 1 / np.arange(1, n_labels + 1)
    truth = draws.choice(labels, n_rows, p=shares / shares.sum())
    confidence = draws.uniform(0.3, 1.0, n_rows)
    given = np.where(draws.random(n_rows) < confidence, truth, draws.choice(labels, n_rows))
    return judge_head("topic", truth, given, confidence, 0)


def _name(label):
    return label.replace("label-", "Topik ")


@pytest.fixture(scope="module")
def judged():
    return _judge(40)


@pytest.fixture(scope="module")
def charts(judged):
    """Each chart, drawn twice with other charts between."""

    def draw():
        drawn = {
            "reliability": reliability_chart(judged.reliability),
            "coverage": coverage_chart(judged.coverage),
            "confusion": confusion_chart(judged, _name),
            "labels": label_chart(judged.labels, _name),
            "lengths": length_chart(range(len(LENGTH_STEPS) + 1)),
        }
        return {name: chart_svg(chart) for name, chart in drawn.items()}

    return draw(), draw()


def _texts(svg):
    return ["".join(element.itertext()) for element in fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_equal_charts_are_equal_bytes(charts):
    first, second = charts
    assert first == second


def test_charts_ask_for_nothing_and_run_nothing(charts):
    for svg in charts[0].values():
        elements = {element.tag.split("}")[1] for element in fromstring(svg).iter()}
        assert elements <= {"svg", "g", "path", "line", "text", "rect", "defs", "clipPath"}
        assert not re.search(r"href|url\((?!#)|style=|\bon\w+=", svg)


def test_charts_on_one_page_share_no_id_and_equal_ones_have_the_same():
    def draw(height):
        rows = alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": height}])
        return chart_svg(alt.Chart(rows).mark_line(clip=True).encode(x="x:Q", y="y:Q"))

    first, other, again = draw(1), draw(2), draw(1)
    ids = re.findall(r'\bid="([^"]+)"', first + other)
    assert len(ids) == len(set(ids)) == 2
    assert f"url(#{ids[0]})" in first
    assert first == again


def test_letters_take_the_colour_of_the_page_and_stay_letters(charts):
    for svg in charts[0].values():
        fills = {element.get("fill") for element in fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
        assert fills == {"currentColor"}


def test_reliability_shows_shares_of_confidence_and_rows(charts):
    assert {"keyakinan", "yang benar", "laporan", "100%"} <= set(_texts(charts[0]["reliability"]))


def test_coverage_names_thresholds_with_a_decimal_comma(charts):
    texts = set(_texts(charts[0]["coverage"]))
    assert {"diputuskan sendiri", "salah di antaranya", "0,90"} <= texts


def test_coverage_of_answers_that_are_all_right_and_equally_sure_is_drawn():
    labels = np.array(["a", "b"] * 10)
    svg = chart_svg(coverage_chart(judge_head("topic", labels, labels, np.full(20, 0.97), 0).coverage))
    assert [text for text in _texts(svg) if text.startswith("0,")] == ["0,95"]


def test_confusions_show_the_most_frequent_labels_and_all_their_rows(charts, judged):
    texts = _texts(charts[0]["confusion"])
    shown = {text for text in texts if text.startswith("Topik")}
    frequent = [label for label in judged.labels if label.n_true][:N_CONFUSED_LABELS]
    assert shown == {_name(label.label) for label in frequent}
    assert OTHERS in texts
    assert sum(int(text) for text in texts if text.isdigit()) == sum(label.n_true for label in frequent)


def test_labels_show_at_most_thirty_by_their_names(charts):
    assert len([text for text in _texts(charts[0]["labels"]) if text.startswith("Topik")]) == N_SHOWN_LABELS


def test_labels_of_one_name_stay_apart():
    judged = _judge(3)
    svg = chart_svg(label_chart(judged.labels, lambda _: "Sama"))
    assert {"Sama", "Sama (label-01)", "Sama (label-02)"} <= set(_texts(svg))


def test_a_label_that_looks_like_markup_stays_text():
    judged = _judge(2)
    assert "<b>label-00</b>" in _texts(chart_svg(label_chart(judged.labels, lambda label: f"<b>{label}</b>")))


def test_a_label_named_like_a_clip_path_or_a_role_keeps_its_name():
    svg = chart_svg(label_chart(_judge(2).labels, lambda label: f'clip0 role="x" {label}'))
    assert 'clip0 role="x" label-00' in _texts(svg)


def test_parts_of_a_chart_have_no_roles_of_their_own(charts):
    assert all(" role=" not in svg and " aria-" not in svg for svg in charts[0].values())


def test_lengths_are_named_by_their_steps(charts):
    assert name_steps()[:2] == ("0–5", "6–10")
    assert name_steps()[-1] == f">{LENGTH_STEPS[-1]}"
    assert set(name_steps()) <= set(_texts(charts[0]["lengths"]))
