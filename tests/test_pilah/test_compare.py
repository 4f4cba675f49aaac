import json

import pytest

from model.compared import kept_path
from model.registry import Registry

from .conftest import run, write_rows


@pytest.fixture
def compared(home, tmp_path):
    """The two bundles compared as a program does, and the file that was written."""
    output = tmp_path / "verdict.json"
    words = ("compare", home.champion, home.challenger, "--data", home.later, "--output", output, "--json")
    return run(*words), output


def test_the_verdict_names_both_bundles_and_the_rows(home, compared):
    done, output = compared
    written = json.loads(output.read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == written
    assert (written["champion"], written["challenger"]) == (home.champion, home.challenger)
    assert written["rows"]["n_rows"] == 150
    assert len(written["rows"]["sha256"]) == 64
    assert written["golden"]["n_rows"] == 600


def test_it_is_kept_in_the_home_for_a_promotion(home, compared):
    kept = kept_path(Registry(home.folder / "bundles"), home.challenger)
    assert kept.read_bytes() == compared[1].read_bytes()
    assert Registry(home.folder / "bundles").list_ids() == tuple(sorted((home.champion, home.challenger)))


def test_an_allowed_challenger_is_exit_code_0_and_a_refused_one_1_with_reasons(home, compared, tmp_path):
    assert compared[0].exit_code == 0, compared[0].stdout
    few = write_rows(tmp_path / "few.csv", 30, first_day=200)
    golden = write_rows(tmp_path / "golden.csv", 10)
    refused = run("compare", home.champion, home.challenger, "--data", few, "--golden", golden)
    assert refused.exit_code == 1
    assert "Refused:" in refused.stdout
    assert "too few rows to tell: add later labelled rows" in refused.stdout


def test_rows_that_a_bundle_has_seen_are_no_rows_to_compare_on(home, tmp_path):
    seen = write_rows(tmp_path / "seen.csv", 60)
    assert "later" in str(run("compare", home.champion, home.challenger, "--data", seen).exception)


def test_a_bundle_folder_may_stand_for_an_id(home):
    folder = home.folder / "bundles" / home.challenger
    assert run("compare", home.champion, folder, "--data", home.later).exit_code == 0
