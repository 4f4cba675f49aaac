from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clauses import Clauses, cut_clauses
from model.needs import MOST_NEEDS, SIGNALS, NeedCurve, Whole, find_needs, read_need_curve, read_signals, share_urgent
from model.tokens import tokenize
from model.units import Named, parse_units

UNITS = Path(__file__).parents[2] / "datasets" / "lexicons" / "units.csv"
NAMES = parse_units(UNITS.read_text(encoding="utf-8"), "units.csv")
AGENCIES = ("dinas-perhubungan", "dinas-pupr", "inspektorat", "pln", "rsud")
WEIGHTS = (1.0, 0.2, 2.0, 1.0, 0.5, 0.1, 0.3, 0.5, 0.0, 0.0)
WHOLE = Whole(np.zeros(len(AGENCIES), np.float32), 1.0)
CURVE = NeedCurve(WEIGHTS, 1.0, (0.0, 0.5, 1.0), (0.0, 0.6, 0.9), 0.5, 100)
TEXT = "Tolong Dinas PUPR tambal lubang di depan pasar, dan mohon PLN angkat kabel yang menjuntai di atasnya"


def read(text: str, scores: dict[str, float], per_clause: list[dict[str, float]]) -> tuple[Named, Clauses]:
    tokens = tokenize(text)
    stretches = cut_clauses(text, tokens)
    assert len(stretches) == len(per_clause)
    rows = np.array([[of.get(agency, -2.0) for agency in AGENCIES] for of in [scores, *per_clause]], np.float32)
    return Named(tokens, NAMES.find(tokens.forms), ()), Clauses(stretches, rows[1:], rows[0])


def two_needs() -> tuple[Named, Clauses]:
    return read(TEXT, {"dinas-pupr": 1.0, "pln": 0.8}, [{"dinas-pupr": 1.0}, {"pln": 1.0}])


def test_a_unit_that_is_asked_in_a_clause_of_its_own_is_a_further_need() -> None:
    (need,) = find_needs(CURVE, AGENCIES, *two_needs(), WHOLE)
    assert need.agency == "pln"
    assert TEXT[slice(*need.span)] == "dan mohon PLN angkat kabel yang menjuntai di atasnya"
    assert CURVE.threshold <= need.confidence <= 1


def test_below_the_threshold_there_is_no_need() -> None:
    assert find_needs(replace(CURVE, threshold=0.95), AGENCIES, *two_needs(), WHOLE) == ()


def test_what_goes_to_the_inspectorate_goes_to_nobody_else() -> None:
    named, clauses = read(TEXT, {"inspektorat": 2.0, "pln": 1.0}, [{"inspektorat": 1.0}, {"pln": 1.0}])
    assert find_needs(replace(CURVE, threshold=0.0), AGENCIES, named, clauses, WHOLE) == ()


def test_neighbouring_clauses_that_tell_the_same_need_are_one_span() -> None:
    text = "lubang besar di jalan kami. lampu jalan mati semua. tiang lampu mau roboh. tolong segera ditangani ya"
    parts = [{"dinas-pupr": 1.0}, {"dinas-perhubungan": 1.0}, {"dinas-perhubungan": 0.9}, {"rsud": 1.0}]
    named, clauses = read(text, {"dinas-pupr": 1.0, "dinas-perhubungan": 0.9}, parts)
    needs = find_needs(replace(CURVE, threshold=0.0), AGENCIES, named, clauses, WHOLE)
    (span,) = (need.span for need in needs if need.agency == "dinas-perhubungan")
    assert text[slice(*span)] == "lampu jalan mati semua. tiang lampu mau roboh"


def test_being_asked_beside_others_tells_more_than_being_named() -> None:
    named, clauses = two_needs()
    signals = dict(zip(SIGNALS, read_signals(AGENCIES, named, clauses, WHOLE)[AGENCIES.index("pln")], strict=True))
    assert (signals["asked_with_others"], signals["asked_alone"], signals["named"]) == (1, 0, 0)
    text = "kabel di depan kantor PLN menjuntai"
    signals = dict(zip(SIGNALS, read_signals(AGENCIES, *read(text, {"pln": 1}, [{"pln": 1}]), WHOLE)[3], strict=True))
    assert (signals["asked_with_others"], signals["asked_alone"], signals["named"]) == (0, 0, 1)


def test_what_the_whole_text_needs_lifts_an_agency_that_loses_every_clause() -> None:
    named, clauses = read(TEXT, {"dinas-pupr": 1.0}, [{"dinas-pupr": 1.0}, {"dinas-pupr": 1.0}])
    needed = np.array([0, 0, 0, 0, 30], np.float32)
    assert "rsud" not in {need.agency for need in find_needs(CURVE, AGENCIES, named, clauses, WHOLE)}
    first = find_needs(CURVE, AGENCIES, named, clauses, replace(WHOLE, needed=needed))[0]
    assert first.agency == "rsud"


@given(st.lists(st.lists(st.floats(-2, 2, width=32), min_size=5, max_size=5), min_size=3, max_size=3), st.floats(0, 1))
def test_needs_are_few_surest_first_and_never_the_chosen_agency(scores: list[list[float]], urgent: float) -> None:
    tokens = tokenize(TEXT)
    clauses = Clauses(cut_clauses(TEXT, tokens), np.array(scores[1:], np.float32), np.array(scores[0], np.float32))
    curve = replace(CURVE, threshold=0.1)
    needs = find_needs(
        curve, AGENCIES, Named(tokens, NAMES.find(tokens.forms), ()), clauses, replace(WHOLE, urgent=urgent)
    )
    assert len(needs) <= MOST_NEEDS
    assert AGENCIES[int(clauses.whole.argmax())] not in {need.agency for need in needs}
    assert len({need.agency for need in needs}) == len(needs)
    assert [need.confidence for need in needs] == sorted((need.confidence for need in needs), reverse=True)
    assert all(0 <= need.span[0] < need.span[1] <= len(TEXT) for need in needs)


@given(st.floats(-3, 3), st.floats(0, 3))
def test_the_confidence_rises_with_the_weighed_signals(start: float, step: float) -> None:
    signals = np.zeros((2, len(SIGNALS)))
    signals[:, 0] = start, start + step
    low, high = CURVE.confidence(signals)
    assert 0 <= low <= high <= 1


def test_urgency_is_the_share_of_the_two_urgent_labels() -> None:
    assert share_urgent(("darurat", "rendah"), np.array([5.0, -5.0], np.float32)) == pytest.approx(1)
    assert share_urgent(("rendah", "tinggi"), np.array([5.0, -5.0], np.float32)) == pytest.approx(0)
    assert share_urgent((), np.zeros(0, np.float32)) == 1


def test_a_curve_reads_as_it_was_written() -> None:
    assert read_need_curve(CURVE.to_json()) == CURVE


@pytest.mark.parametrize("change", [{"signals": ["clause"]}, {"weights": "1"}, {"bias": None}])
def test_a_curve_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        read_need_curve({**CURVE.to_json(), **change})
