import json
from dataclasses import replace

import pytest

from model.thresholds import AlarmThreshold, HeadThresholds, Threshold, Thresholds, read_thresholds

FOUND = Threshold(0.91, 0.8743, 800, 240, 5, None)
NONE = Threshold(n_rows=50, reason="too few rows")
THRESHOLDS = Thresholds(
    {"agency": HeadThresholds(0.05, FOUND, {"pln": NONE}), "kind": HeadThresholds(None, NONE)},
    {"darurat": AlarmThreshold(0.07, 0.95, 40, 38, 900, 60, None, 2.5, -0.5, 0.4, 0.005)},
)


def test_what_was_written_is_read():
    assert read_thresholds(json.loads(json.dumps(THRESHOLDS.to_json()))) == THRESHOLDS


def test_a_label_with_a_threshold_of_its_own_does_not_fall_back_to_that_of_the_head():
    assert THRESHOLDS.find("agency", "pln") == NONE
    assert THRESHOLDS.find("agency", "dinas-pupr") == FOUND


def test_a_head_without_thresholds_says_so():
    assert "error budget" in Thresholds().find("agency", "pln").reason


def test_a_label_that_was_not_looked_at_alarms_from_a_cautious_default():
    assert Thresholds().find_alarm("darurat").confidence == 0.15
    assert THRESHOLDS.find_alarm("darurat").confidence == 0.07


def test_a_bundle_of_before_there_were_levels_has_no_urgent_probability():
    plain = THRESHOLDS.to_json()
    for name in ("urgent", "false_alarms"):
        del plain["alarms"]["darurat"][name]
    assert read_thresholds(plain).alarms["darurat"].urgent is None


@pytest.mark.parametrize(
    "damaged",
    [
        [],
        {},
        {"heads": {}, "alarms": []},
        {"heads": {"agency": {"budget": 0.05, "labels": {}}}, "alarms": {}},
        {"heads": {"agency": {"budget": 2, "head": FOUND.to_json(), "labels": {}}}, "alarms": {}},
        *(
            {"heads": {"agency": {"budget": 0.05, "head": {**FOUND.to_json(), **change}, "labels": {}}}, "alarms": {}}
            for change in (
                {"raw": "high"},
                {"raw": True},
                {"raw": 1.5},
                {"raw": float("nan")},
                {"raw": None},
                {"reason": "none"},
                {"reason": 3},
                {"n_rows": -1},
                {"n_rows": 0.5},
            )
        ),
    ],
)
def test_what_is_no_thresholds_is_refused(damaged):
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_thresholds(damaged)


def test_an_alarm_needs_a_probability():
    damaged = {"heads": {}, "alarms": {"darurat": replace(THRESHOLDS.alarms["darurat"], confidence=None).to_json()}}
    with pytest.raises(TypeError, match="None is no number"):
        read_thresholds(damaged)


@pytest.mark.parametrize(("number", "value"), [("slope", float("nan")), ("slope", float("inf")), ("offset", -1e999)])
def test_an_alarm_that_would_never_or_always_ring_is_refused(number, value):
    damaged = {"heads": {}, "alarms": {"darurat": {**THRESHOLDS.alarms["darurat"].to_json(), number: value}}}
    with pytest.raises(ValueError, match="no finite number"):
        read_thresholds(damaged)
