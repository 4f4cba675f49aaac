"""What the page says beside the heads."""

from dataclasses import replace

import pytest

from model.classifier import load_classifier
from model.prediction import About, Alarm, FurtherNeed, Gates, RuleHit
from service.page_findings import show_findings

from .conftest import BUNDLE_ID


@pytest.fixture(scope="module")
def classifier(champion):
    return load_classifier(champion / BUNDLE_ID)


@pytest.fixture(scope="module")
def prediction(classifier):
    found = classifier.classify("Lampu mati, petugas minta uang rokok")
    return replace(found, alarms=(), rules=(), also=(), about=None, gates=None)


def test_nothing_found_is_nothing_said(prediction, classifier):
    assert show_findings(prediction, classifier, "id") == ()


def test_everything_found_is_said_in_order(prediction, classifier):
    agency = classifier.heads[[head.name for head in classifier.heads].index("agency")].labels[0]
    full = replace(
        prediction,
        alarms=(Alarm("pengaduan-pengawasan", "urgent", "rule", 0.1, 0.2, "minta-uang"),),
        rules=(RuleHit("minta-uang", "a person decides: accusation", (12, 30)),),
        also=(FurtherNeed(agency, 0.62, (0, 10)),),
        about=About(agency, None),
        gates=Gates(0.9, ("lokasi",), "Di mana lokasinya?", 0.2, agency),
    )
    findings = show_findings(full, classifier, "id")
    assert [finding.title for finding in findings] == [
        "Perhatian",
        "Yang perlu ditanyakan kepada pelapor",
        "Mungkin wewenang",
        "Juga menyangkut",
        "Unit yang diadukan",
        "Aturan yang berlaku; label di atas tidak diubahnya",
    ]
    assert findings[1].lines == ("Di mana lokasinya?",)
    assert findings[-1].lines == (f"minta-uang: “{full.text[12:30]}” → minta petugas memutuskan, mungkin tuduhan",)
    assert show_findings(full, classifier, "en")[0].title == "Take care"


@pytest.mark.parametrize(
    ("alarms", "lines"),
    [
        ([("darurat", "watch")], ["First look whether this is an emergency; it is not likely one."]),
        ([("darurat", "watch"), ("darurat", "urgent")], []),
        (
            [("pengaduan-pengawasan", "watch")],
            ["First look whether this report accuses an official; it is not likely to."],
        ),
    ],
)
def test_what_is_only_watched_is_a_quiet_line(prediction, classifier, alarms, lines):
    raised = tuple(Alarm(label, level, "threshold", 0.1, 0.05, None) for label, level in alarms)
    findings = show_findings(replace(prediction, alarms=raised), classifier, "en")
    assert [line for finding in findings for line in finding.lines] == lines
