import json
import shutil

import pytest
from sqlalchemy import text

from model.errors import BundleCorruptError, PromotionRefusedError
from model.registry import Registry
from service.opening import opened_store
from service.settings import read_settings

from .conftest import run, write_rows


def champion_of(home):
    return Registry(home.folder / "bundles").champion_id()


def read_promotions():
    """What the ledger says of promotions: bundle and content."""
    with opened_store(read_settings()) as engine, engine.connect() as connection:
        found = connection.execute(text("SELECT bundle, content FROM ledger WHERE type = 'model.promoted' ORDER BY at"))
        return [(bundle, json.loads(content)) for bundle, content in found]


@pytest.fixture
def verdict(home, tmp_path):
    """Written elsewhere than in the home: the challenger was a folder, and another home was named."""
    output = tmp_path / "verdict.json"
    bundles = home.folder / "bundles"
    done = run("compare", bundles / home.champion, bundles / home.challenger, "--data", home.later, "--output", output,
               "--home", tmp_path / "other")  # fmt: skip
    assert done.exit_code == 0, done.output
    return output


def test_a_bundle_that_was_not_compared_is_refused_with_what_to_run(home):
    refused = run("models", "promote", home.challenger)
    assert isinstance(refused.exception, PromotionRefusedError)
    assert f"pilah compare {home.champion} {home.challenger} --data" in str(refused.exception)
    assert champion_of(home) == home.champion


def test_the_file_of_a_comparison_lets_a_bundle_be_promoted_and_the_ledger_names_its_rows(home, verdict):
    assert run("models", "promote", home.challenger).exit_code != 0
    done = run("models", "promote", home.challenger, "--compared", verdict, "--reason", "bulan Juli")
    assert done.exit_code == 0, done.exception
    assert champion_of(home) == home.challenger
    ((bundle, content),) = read_promotions()
    assert (bundle, content["forced"], content["reason"]) == (home.challenger, False, "bulan Juli")
    assert content["compared_on"] == json.loads(verdict.read_text(encoding="utf-8"))["rows"]["sha256"]


def test_a_damaged_bundle_is_not_put_in_force_by_force_or_by_going_back(home):
    assert run("models", "promote", home.challenger, "--force", "--reason", "latihan").exit_code == 0
    path = home.folder / "bundles" / home.champion / "bias.npy"
    path.write_bytes(b"\0" * path.stat().st_size)
    for command in (["rollback"], ["promote", home.champion, "--force", "--reason", "kembali"]):
        refused = run("models", *command)
        assert isinstance(refused.exception, BundleCorruptError), refused.output
        assert champion_of(home) == home.challenger


def test_what_compare_kept_in_the_home_is_found(home):
    assert run("compare", home.champion, home.challenger, "--data", home.later).exit_code == 0
    assert run("models", "promote", home.challenger).exit_code == 0
    assert champion_of(home) == home.challenger


def test_force_needs_a_reason_which_the_ledger_keeps(home):
    assert isinstance(run("models", "promote", home.challenger, "--force").exception, PromotionRefusedError)
    assert run("models", "promote", home.challenger, "--force", "--reason", "darurat").exit_code == 0
    ((bundle, content),) = read_promotions()
    assert (bundle, content["forced"], content["reason"]) == (home.challenger, True, "darurat")


def test_a_rollback_needs_no_comparison(home):
    run("models", "promote", home.challenger, "--force", "--reason", "darurat")
    assert run("models", "rollback").exit_code == 0
    assert champion_of(home) == home.champion


def test_old_bundles_are_pruned_only_with_yes_and_what_is_kept_says_why(home):
    run("models", "promote", home.challenger, "--force", "--reason", "darurat")
    run("models", "rollback")
    spare = Registry(home.folder / "bundles").path_of("aa-spare")
    shutil.copytree(home.folder / "bundles" / home.challenger, spare)
    said = run("models", "prune", "--older-than", "0")
    assert said.exit_code == 0, said.exception
    assert f"{home.champion}  " in said.output
    assert "kept, in force" in said.output
    assert "1 bundles" in said.output
    assert "--yes deletes them" in said.output
    assert spare.is_dir()
    done = json.loads(run("models", "prune", "--older-than", "0", "--yes", "--json").output)
    assert not spare.exists()
    assert {row["bundle"] for row in done["bundles"] if not row["kept"]} == {"aa-spare"}
    assert (done["deleted"], done["freed"] > 0) == (True, True)
    assert run("models", "promote", home.challenger, "--force", "--reason", "darurat").exit_code == 0


def test_training_puts_only_the_first_bundle_in_force_unless_forced_with_a_reason(home, tmp_path):
    rows = write_rows(tmp_path / "more.csv", 100)
    train = ("train", "--data", rows, "--home", home.folder, "--promote")
    refused = run(*train)
    assert isinstance(refused.exception, PromotionRefusedError)
    assert run(*train, "--force").exit_code == 2
    assert champion_of(home) == home.champion
    forced = run(*train, "--force", "--reason", "juara lama rusak")
    assert forced.exit_code == 0, forced.exception
    ((bundle, content),) = read_promotions()
    assert (bundle, content["forced"]) == (champion_of(home), True)
    empty = tmp_path / "empty"
    assert run("train", "--data", rows, "--home", empty, "--promote").exit_code == 0
    assert Registry(empty / "bundles").champion_id() == bundle
