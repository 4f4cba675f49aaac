import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from training.config import TrainingConfig
from training.gathering import digest_frame, gather, write_dropped, write_gathered
from training.preparing import prepare_rows
from training.reading import read_rows
from training.recipe import GatheringError, Origin, Recipe

DAY = date(2026, 11, 1)


@pytest.fixture
def taxonomy(sources):
    return sources.taxonomy


@pytest.fixture
def recipe(taxonomy):
    return Recipe(taxonomy, DAY)


@pytest.fixture
def write(tmp_path):
    def write_rows(name, *rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write_rows


def row(row_id, text, agency="dinas-pupr", **further):
    return {"id": row_id, "text": text, "agency": agency, "received_at": "2026-05-01T08:00:00+07:00", **further}


def labelled(row_id, text, agency="dinas-pupr", basis="correction", **further):
    given = {"agency_basis": basis, "agency_at": "2026-05-02T08:00:00+07:00", "agency_blind": False}
    return row(row_id, text, agency, **given, **further)


def reasons(gathered):
    return dict(zip(gathered.dropped["id"], gathered.dropped["reason"], strict=True))


def test_a_row_says_where_it_comes_from_and_no_row_is_lost(write, recipe):
    corpus = write("corpus.jsonl", row("a", "jalan berlubang"), row("b", "lampu mati", ""), row("c", ""))
    labels = write("export.jsonl", labelled("s1", "aspal rusak"))
    gathered = gather([Origin("corpus", corpus), Origin("labels", labels)], recipe)
    found = gathered.frame.set_index("id")
    assert list(found.loc["s1", ["role", "file", "row", "agency_basis"]]) == ["labels", "export.jsonl", 1, "correction"]
    assert found.loc["a", "source"] == "corpus:corpus"
    assert len(gathered.frame) + len(gathered.dropped) == 4
    assert reasons(gathered) == {"b": "no head has a label", "": "is empty"}


def test_what_was_decided_without_a_person_teaches_nothing(write, recipe):
    labels = write("e.jsonl", labelled("s1", "aspal rusak", basis="automatic"), labelled("s2", "parkir liar"))
    gathered = gather([Origin("labels", labels)], recipe)
    assert list(gathered.frame["id"]) == ["s2"]
    assert "decided without a person" in set(gathered.dropped["reason"])


def test_a_confirmation_counts_less_than_a_correction_and_a_blind_label(write, recipe):
    blind = labelled("s3", "jembatan putus", basis="confirmation") | {"agency_blind": True}
    rows = [labelled("s1", "aspal rusak", basis="confirmation"), labelled("s2", "parkir liar"), blind]
    frame = gather([Origin("labels", write("e.jsonl", *rows), weight=2.0)], recipe).frame.set_index("id")
    assert list(frame.loc[["s1", "s2", "s3"], "weight"]) == [1.0, 2.0, 2.0]
    assert frame.loc["s3", "agency_basis"] == "blind"


def test_old_labels_follow_a_reorganisation(write, recipe, taxonomy):
    agencies = dict(taxonomy.heads["agency"])
    ended = {"valid_to": date(2026, 6, 30)}
    agencies["dinas-pupr"] = replace(agencies["dinas-pupr"], merged_into="dinas-perhubungan", **ended)
    agencies["satpol-pp-damkar"] = replace(agencies["satpol-pp-damkar"], **ended)
    later = replace(taxonomy, heads={**taxonomy.heads, "agency": agencies})
    rows = [row("a", "jalan berlubang"), row("b", "tertibkan lapak", "satpol-pp-damkar"), row("c", "x y", "entah")]
    gathered = gather([Origin("history", write("h.jsonl", *rows))], replace(recipe, taxonomy=later))
    assert list(gathered.frame["agency"]) == ["dinas-perhubungan"]
    lost = gathered.dropped[gathered.dropped["column"] == "agency"]
    assert list(lost["reason"]) == ["ended without a successor", "is no label of the taxonomy"]
    assert list(lost["value"]) == ["satpol-pp-damkar", "entah"]


def test_nothing_later_than_the_cut_off_is_learnt(write, recipe):
    until = datetime(2026, 5, 2, 0, tzinfo=UTC)
    late = row("s3", "sampah menumpuk") | {"received_at": "2026-05-03T08:00:00+07:00"}
    rows = [labelled("s1", "aspal rusak"), labelled("s2", "parkir liar") | {"agency_at": "2026-05-01T09:00:00+07:00"}]
    gathered = gather([Origin("labels", write("e.jsonl", *rows, late))], replace(recipe, until=until))
    assert list(gathered.frame["id"]) == ["s2"]
    assert len(gathered.dropped) == 3  # the late label, its row without another, the late report


def test_a_report_without_a_day_is_not_known_to_be_earlier(write, recipe):
    until = datetime(2026, 5, 2, 0, tzinfo=UTC)
    undated = {"received_at": ""}
    labels = write("e.jsonl", labelled("s1", "aspal rusak") | undated | {"agency_at": ""})
    corpus = write("c.jsonl", row("c1", "sampah menumpuk") | undated)
    origins = [Origin("labels", labels), Origin("corpus", corpus)]
    gathered = gather(origins, replace(recipe, until=until))
    assert list(gathered.frame["id"]) == ["c1"]
    assert reasons(gathered) == {"s1": "has no day of receipt, so it may be later"}
    assert len(gather(origins, recipe).frame) == 2


def test_a_text_stands_once_with_its_best_founded_label(write, recipe):
    history = write("h.jsonl", row("a", "Jalan  BERLUBANG!", "dinas-perhubungan"))
    labels = write(
        "e.jsonl", labelled("s1", "jalan berlubang"), labelled("s2", "jalan berlubang", basis="confirmation")
    )
    gathered = gather([Origin("history", history), Origin("labels", labels)], recipe)
    assert list(gathered.frame["id"]) == ["s1"]
    assert reasons(gathered) == {
        "a": "its text stands in e.jsonl, row 1, with another agency",
        "s2": "its text stands in e.jsonl, row 1",
    }


def test_a_report_of_two_exports_has_the_label_that_was_given_last(write, recipe):
    earlier = write("may.jsonl", labelled("s1", "aspal rusak"))
    again = labelled("s1", "aspal rusak", "dinas-perhubungan", basis="confirmation")
    later = write("june.jsonl", again | {"agency_at": "2026-06-02T08:00:00+07:00"})
    gathered = gather([Origin("labels", earlier), Origin("labels", later)], recipe)
    assert list(gathered.frame["agency"]) == ["dinas-perhubungan"]


def test_equal_ids_of_different_files_are_different_reports(write, recipe):
    one, other = write("one.jsonl", row("1", "aspal rusak")), write("other.jsonl", row("1", "parkir liar"))
    frame = gather([Origin("history", one), Origin("history", other)], recipe).frame
    assert sorted(frame["id"]) == ["history:one.jsonl:1", "history:other.jsonl:1"]


def test_texts_are_masked_with_their_titles_in_front(write, recipe):
    corpus = write("c.jsonl", row("a", "hubungi 0812-3456-7890 ya", title="Lampu mati"))
    frame = gather([Origin("corpus", corpus)], recipe).frame
    assert "7890" not in frame["text"][0]
    assert frame["text"][0].startswith("Lampu mati\n")


def test_the_golden_set_is_never_learnt(write, recipe):
    corpus, golden = (
        write("c.jsonl", row("a", "aspal rusak"), row("b", "parkir liar")),
        write("g.jsonl", row("g", "Parkir liar.")),
    )
    gathered = gather([Origin("corpus", corpus)], recipe, kept_out=golden)
    assert list(gathered.frame["id"]) == ["a"]


def test_an_empty_aspect_teaches_only_where_somebody_said_so(write, recipe):
    heads = {"kind": "pengaduan", "urgency": "sedang"}
    rows = [
        labelled("said", "aspal rusak", aspect="", aspect_basis="correction", **heads),
        labelled("silent", "parkir liar", aspect="", **heads),
        labelled("named", "antre lama", aspect="sarana", aspect_basis="correction", **heads),
    ]
    frame = gather([Origin("labels", write("e.jsonl", *rows))], recipe).frame
    prepared = prepare_rows(frame, TrainingConfig(minimum_rows=2), drop_rare=False)
    assert dict(zip(prepared.ids, prepared.labels["aspect"], strict=True)) == {
        "said": "tidak-ada",
        "silent": "",
        "named": "sarana",
    }


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_written_set_is_read_as_it_was_gathered(write, recipe, tmp_path, suffix):
    corpus = write("c.jsonl", row("a", "aspal rusak"), row("b", "=parkir liar", received_at=None), row("c", "x", ""))
    gathered = gather([Origin("corpus", corpus, weight=0.3)], recipe)
    path = tmp_path / f"set.{suffix}"
    write_gathered(gathered, path)
    write_dropped(gathered, tmp_path / "dropped.csv")
    again = read_rows(path).frame
    for name in ("id", "agency", "weight", "source", "agency_basis"):
        assert list(again[name]) == list(gathered.frame[name]), name
    # No spreadsheet program may take a text for a formula.
    expected = [f"'{text}" if suffix == "csv" and text.startswith("=") else text for text in gathered.frame["text"]]
    assert list(again["text"]) == expected
    assert np.array_equal(again["received_at"].isna(), gathered.frame["received_at"].isna())
    told = json.loads((tmp_path / f"set.{suffix}.json").read_text(encoding="utf-8"))
    assert told["rows_sha256"] == digest_frame(gathered.frame)
    assert told["left out"] == {"no head has a label": 1}
    assert pd.read_csv(tmp_path / "dropped.csv")["reason"].tolist() == ["no head has a label"]


def test_a_weight_that_means_nothing_is_refused(taxonomy):
    with pytest.raises(GatheringError, match="'rumour' is no basis"):
        Recipe(taxonomy, DAY, weights={"rumour": 1.0})
    with pytest.raises(GatheringError, match="more than 0"):
        Recipe(taxonomy, DAY, weights={"blind": 0.0})
