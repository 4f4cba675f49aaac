"""``pilah keys`` and ``pilah users`` on a store of their own."""

import json

import pytest
from typer.testing import CliRunner

from pilah.app import app
from service.engine import open_engine
from service.ledger.verifying import verify_ledger
from service.migrating import migrate
from service.settings import read_settings
from service.upkeep.opening import opened_store

PASSWORD = "empat kata yang tak akur\n"  # noqa: S105  # of an account made here


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PILAH_HOME", str(tmp_path / "home"))
    engine = open_engine(read_settings().store_url)
    migrate(engine)
    engine.dispose()

    def run_one(*words, typed=None):
        return CliRunner().invoke(app, words, input=typed)

    return run_one


def test_a_key_is_shown_once_listed_without_its_token_and_revoked(run):
    made = run("keys", "make", "app", "--scope", "classify", "--scope", "ingest", "--expires", "90d", "--json")
    record = json.loads(made.stdout)
    assert record["token"].startswith("pilah_")
    assert record["scopes"] == ["classify", "ingest"]
    assert run("keys", "make", "other", "--scope", "triage").stdout.strip().startswith("pilah_")
    assert record["token"] not in run("keys", "list").stdout
    assert run("keys", "revoke", record["id"]).exit_code == 0
    listed = {key["name"]: key["revoked_at"] for key in json.loads(run("keys", "list", "--json").stdout)}
    assert listed["app"] is not None
    assert listed["other"] is None
    with opened_store(read_settings()) as engine, engine.connect() as connection:
        assert list(verify_ledger(connection)) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scope", "everything"), "everything"),
        (("--scope", "triage", "--agency", "nobody"), "taxonomy"),
        (("--scope", "triage", "--expires", "2020-01-01T00:00:00Z"), "over"),
        (("--scope", "triage", "--rate", "0"), "calls a minute"),
    ],
)
def test_a_key_that_should_not_be_is_refused(run, words, said):
    refused = run("keys", "make", "app", *words)
    assert refused.exit_code != 0
    assert said in str(refused.exception)


def test_a_person_is_added_listed_disabled_and_gets_another_password(run):
    added = run("users", "add", "rina", "--role", "liaison", "--agency", "dinas-pupr", typed=PASSWORD)
    assert added.exit_code == 0, added.exception
    assert run("users", "add", "rina", "--role", "admin", typed=PASSWORD).exit_code != 0
    assert run("users", "passwd", "rina", typed="hujan turun di sawah lunto\n").exit_code == 0
    assert run("users", "unlock", "rina").exit_code == 0
    assert run("users", "disable", "rina").exit_code == 0
    (person,) = json.loads(run("users", "list", "--json").stdout)
    assert person["disabled_at"] is not None
    assert "password" not in person
    assert run("users", "enable", "rina").exit_code == 0
    assert "in force" in run("users", "list").stdout


def test_a_weak_password_or_no_account_is_refused(run):
    assert "characters" in str(run("users", "add", "rina", "--role", "admin", typed="pendek\n").exception)
    assert "no account" in str(run("users", "disable", "nobody").exception)
    assert "last admin" in str(
        (run("users", "add", "satu", "--role", "admin", typed=PASSWORD), run("users", "disable", "satu"))[1].exception
    )
