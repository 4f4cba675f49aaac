import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.decisions import HeadAnswer, decide, find_levels, raise_alarms
from model.prediction import EFFECT_ACCUSATION, EFFECT_DARURAT, EFFECT_TINGGI, Alarm, RuleHit
from model.thresholds import AlarmThreshold, HeadThresholds, Threshold, Thresholds

THRESHOLDS = Thresholds(
    {
        "agency": HeadThresholds(
            0.05,
            Threshold(0.9, 0.8, 800, 200, 3, None),
            {"pln": Threshold(0.6, 0.55, 300, 250, 4, None), "rsud": Threshold(n_rows=210, reason="nothing passed")},
        ),
        "urgency": HeadThresholds(None, Threshold(reason="no error budget is set for urgency: a person confirms")),
    },
    {
        "darurat": AlarmThreshold(0.05, 0.95, 40, 38, 900, 60, None, urgent=0.6, false_alarms=0.005),
        "pengaduan-pengawasan": AlarmThreshold(0.1, 0.9, 40, 38, 900, 60, None),
    },
)
HITS = {
    "darurat": RuleHit("kabel-putus", EFFECT_DARURAT, (0, 5)),
    "tinggi": RuleHit("pohon-miring", EFFECT_TINGGI, (0, 5)),
    "accusation": RuleHit("minta-uang", EFFECT_ACCUSATION, (0, 5)),
}


def _answers(agency=("dinas-pupr", 0.93), urgency="sedang", kind="pengaduan", darurat=0.01, accusation=0.01):
    label, raw = agency
    return {
        "agency": HeadAnswer(((label, round(raw - 0.1, 4)), ("bpbd", 0.02)), raw),
        "urgency": HeadAnswer(((urgency, 0.7), ("rendah", 0.2)), 0.7, {"darurat": darurat}),
        "kind": HeadAnswer(((kind, 0.8), ("aspirasi", 0.1)), 0.8, {"pengaduan-pengawasan": accusation}),
    }


def _decide(answers, hits=(), thresholds=THRESHOLDS, unread=None):
    return decide(answers, thresholds, raise_alarms(answers, thresholds, hits), hits, unread)


@pytest.mark.parametrize(
    ("agency", "decision", "threshold", "why"),
    [
        (("dinas-pupr", 0.93), "auto", 0.8, None),
        (("dinas-pupr", 0.9), "auto", 0.8, None),
        (("dinas-pupr", 0.89), "suggest", 0.8, "confidence 0.7900 is below the threshold 0.8000"),
        (("dinas-pupr", 0.899999), "suggest", 0.8, "the score behind it is lower"),
        (("pln", 0.61), "auto", 0.55, None),
        (("pln", 0.59), "suggest", 0.55, "below the threshold 0.5500"),
        (("rsud", 0.99), "suggest", None, "nothing passed"),
    ],
)
def test_a_head_decides_alone_from_the_threshold_of_its_label_on(agency, decision, threshold, why):
    answer = _decide(_answers(agency))["agency"]
    assert (answer.decision, answer.threshold) == (decision, threshold)
    assert answer.why is None if why is None else why in answer.why


def test_a_head_without_a_budget_suggests_and_says_so():
    answers = _decide(_answers())
    assert (answers["urgency"].decision, answers["kind"].decision) == ("suggest", "suggest")
    assert "no error budget is set for urgency" in answers["urgency"].why
    assert "without an error budget" in answers["kind"].why


@pytest.mark.parametrize(
    ("changes", "hits", "human", "why"),
    [
        ({"urgency": "darurat", "darurat": 0.7}, (), {"urgency"}, "reads like an emergency"),
        ({"darurat": 0.05}, (), {"urgency"}, "darurat has a probability of 0.0500"),
        ({"darurat": 0.0499}, (), set(), None),
        ({}, ("darurat",), {"urgency"}, "rule kabel-putus"),
        ({"urgency": "darurat", "darurat": 0.7}, ("darurat",), {"urgency"}, "reads like an emergency"),
        ({}, ("tinggi",), {"urgency"}, "rule pohon-miring: urgency at least tinggi"),
        ({"urgency": "tinggi"}, ("tinggi",), set(), None),
        ({}, ("tinggi", "darurat"), {"urgency"}, "rule kabel-putus"),
        ({"kind": "pengaduan-pengawasan", "accusation": 0.8}, (), {"kind", "agency"}, "reads like an accusation"),
        ({"accusation": 0.1}, (), {"kind", "agency"}, "pengaduan-pengawasan has a probability of 0.1000"),
        ({}, ("accusation",), {"kind", "agency"}, "rule minta-uang"),
        ({}, (), set(), None),
    ],
)
def test_what_must_not_be_missed_is_left_to_a_person(changes, hits, human, why):
    answers = _answers(**changes)
    decided = _decide(answers, [HITS[name] for name in hits])
    assert {head for head, answer in decided.items() if answer.decision == "human"} == human
    assert all(why in decided[head].why for head in human)
    assert {head: answer.label for head, answer in decided.items()} == {
        head: answer.label for head, answer in answers.items()
    }


def test_a_text_that_was_not_wholly_read_is_left_to_a_person():
    decided = _decide(_answers(), unread="no word that this bundle knows")
    assert {(answer.decision, answer.why) for answer in decided.values()} == {
        ("human", "no word that this bundle knows")
    }


def test_an_alarm_says_what_raised_it():
    answers = _answers(kind="pengaduan-pengawasan", darurat=0.06, accusation=0.8)
    alarms = raise_alarms(answers, THRESHOLDS, [HITS["darurat"], HITS["darurat"], HITS["accusation"]])
    assert alarms == (
        Alarm("darurat", "watch", "threshold", 0.06, 0.05, None),
        Alarm("darurat", "urgent", "rule", 0.06, 0.05, "kabel-putus"),
        Alarm("pengaduan-pengawasan", "urgent", "label", 0.8, 0.1, None),
        Alarm("pengaduan-pengawasan", "urgent", "rule", 0.8, 0.1, "minta-uang"),
    )
    assert find_levels(alarms) == {"darurat": "urgent", "pengaduan-pengawasan": "urgent"}


@pytest.mark.parametrize(
    ("changes", "hits", "levels"),
    [
        ({"darurat": 0.04}, (), {}),
        ({"darurat": 0.59}, (), {"darurat": "watch"}),
        ({"darurat": 0.6}, (), {"darurat": "urgent"}),
        ({"urgency": "darurat"}, (), {"darurat": "urgent"}),
        ({}, ("darurat",), {"darurat": "urgent"}),
        ({"accusation": 0.99}, (), {"pengaduan-pengawasan": "watch"}),
    ],
)
def test_an_alarm_is_urgent_by_the_label_a_rule_or_a_high_probability(changes, hits, levels):
    assert find_levels(raise_alarms(_answers(**changes), THRESHOLDS, [HITS[name] for name in hits])) == levels


@pytest.mark.parametrize(
    ("changes", "level"),
    [({"darurat": 0.59}, "watch"), ({"darurat": 0.6}, "urgent"), ({"urgency": "darurat"}, "urgent")],
)
def test_a_rule_alone_wakes_nobody_where_a_text_is_praise(changes, level):
    alarms = raise_alarms(_answers(kind="apresiasi", **changes), THRESHOLDS, [HITS["darurat"]])
    assert find_levels(alarms) == {"darurat": level}


def test_praise_stays_urgent_where_no_probability_was_found_to_ask_for():
    alarms = raise_alarms(_answers(kind="apresiasi"), Thresholds(), [HITS["darurat"]])
    assert find_levels(alarms) == {"darurat": "urgent"}


def test_a_rule_alarms_where_the_bundle_has_no_such_head():
    answers = {"agency": _answers()["agency"]}
    assert [alarm.rule for alarm in raise_alarms(answers, THRESHOLDS, [HITS["accusation"]])] == ["minta-uang"]
    assert _decide(answers, [HITS["accusation"]])["agency"].decision == "human"


def test_a_bundle_without_thresholds_alarms_from_the_cautious_defaults():
    assert raise_alarms(_answers(darurat=0.14, accusation=0.19), Thresholds(), ()) == ()
    assert len(raise_alarms(_answers(darurat=0.15, accusation=0.2), Thresholds(), ())) == 2


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["dinas-pupr", "pln", "rsud"]))
def test_a_surer_answer_is_never_trusted_less(first, second, label):
    low, high = sorted((first, second))
    decided = [_decide(_answers((label, raw)))["agency"].decision for raw in (low, high)]
    assert decided != ["auto", "suggest"]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.sets(st.sampled_from(sorted(HITS))))
def test_nothing_is_decided_alone_below_a_threshold_or_under_an_accusation(raw, darurat, accusation, hits):
    answers = _answers(("dinas-pupr", raw), darurat=darurat, accusation=accusation)
    alarms = raise_alarms(answers, THRESHOLDS, [HITS[name] for name in hits])
    agency = _decide(answers, [HITS[name] for name in hits])["agency"]
    if agency.decision == "auto":
        assert raw >= 0.9
        assert "pengaduan-pengawasan" not in {alarm.label for alarm in alarms}


def test_no_budget_lets_a_head_say_alone_that_a_text_is_no_report():
    thresholds = Thresholds({"kind": HeadThresholds(0.05, Threshold(0.5, 0.5, 800, 700, 3, None))})
    assert _decide(_answers(), thresholds=thresholds)["kind"].decision == "auto"
    answer = _decide(_answers(kind="bukan-laporan"), thresholds=thresholds)["kind"]
    assert (answer.decision, answer.why) == ("suggest", "only a person says that a text is no report")
