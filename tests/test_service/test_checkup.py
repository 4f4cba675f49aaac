import json
import os
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import text

from service.checkup import examine
from service.engine import open_engine, writing
from service.home import FIRST_KEY_FILE, SECRET_FILE


@pytest.fixture
def look(taxonomy_folder):
    def examine_all(settings, **environment):
        return {finding.name: finding for finding in examine(settings, taxonomy_folder, environment)}

    return examine_all


@pytest.fixture
def used(run_service, settings):
    """Settings of an installation that has run."""
    with run_service(settings) as client:
        client.post("/v1/feedback", {"text": "lampu"})
    return settings


def test_before_the_first_start_nothing_is_a_problem(look, settings):
    findings = look(settings)
    assert {finding.verdict for finding in findings.values()} == {"ok", "warning"}
    assert "pilah serve makes it" in findings["store"].advice
    assert not settings.home.exists()


def test_a_used_installation_is_well(look, used):
    (used.home / FIRST_KEY_FILE).unlink()
    findings = look(used, PILAH_HOME="x")
    verdicts = {name: finding.verdict for name, finding in findings.items()}
    # What the operator and the city have not done yet.
    undone = ("policy", "oversight", "backup")
    assert [verdicts.pop(name) for name in undone] == ["warning"] * len(undone)
    assert verdicts == dict.fromkeys(verdicts, "ok")
    record = ["clock", "ledger", "derived", "policy", "oversight", "backup"]
    before = ["settings", "home", "disk", "secret", "store", "keys"]
    assert list(findings) == [*before, *record, "mail", "bundle", "taxonomy"]
    assert "1 reports" in findings["store"].found


def test_mail_that_is_half_set_is_a_warning(look, used):
    half = used.changed(emergency_mail="piket@kota.example")
    assert look(half)["mail"].verdict == "warning"
    assert look(half.changed(smtp_url="smtp://mail.example"))["mail"].verdict == "ok"


def test_units_the_city_has_not_confirmed_are_a_note(look, used):
    assert "not confirmed by the city" in look(used)["taxonomy"].found


def test_the_first_key_left_in_the_home_is_a_warning(look, used):
    assert look(used)["keys"].verdict == "warning"


def test_a_variable_that_is_no_setting_is_a_warning(look, used):
    assert "PILAH_PROT" in look(used, PILAH_PROT="1")["settings"].found


def test_a_secret_that_others_can_read_is_a_problem(look, used):
    (used.home / SECRET_FILE).chmod(0o644)
    finding = look(used)["secret"]
    assert finding.verdict == "problem"
    assert "chmod 600" in finding.advice


def test_a_changed_byte_of_the_bundle_is_a_problem_that_names_the_file(look, used, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(used.bundle, bundle)
    content = bytearray((bundle / "bias.npy").read_bytes())
    content[-1] ^= 1
    (bundle / "bias.npy").write_bytes(content)
    finding = look(used.changed(bundle=bundle))["bundle"]
    assert finding.verdict == "problem"
    assert "bias.npy" in finding.found


def test_a_store_of_a_newer_pilah_is_a_problem(look, used):
    engine = open_engine(used.store_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert look(used)["store"].verdict == "problem"


def test_a_database_that_does_not_answer_is_a_problem_without_its_password(look, used):
    finding = look(used.changed(database_url="postgresql://pilah:rahasia@127.0.0.1:9/none"))["store"]
    assert finding.verdict == "problem"
    assert "rahasia" not in finding.found


def run_doctor(settings, *more):
    environment = {**os.environ, "PILAH_HOME": str(settings.home), "PILAH_BUNDLE": str(settings.bundle)}
    command = [sys.executable, "-m", "pilah", "doctor", *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_prints_a_line_for_each_look_and_ends_with_0(used):
    done = run_doctor(used)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines() if "→" not in line][:2] == ["settings", "home"]


def test_the_command_ends_with_1_where_there_is_a_problem_and_speaks_json(used):
    (used.home / SECRET_FILE).write_text("")
    done = run_doctor(used, "--json")
    assert done.returncode == 1
    problems = [finding["name"] for finding in json.loads(done.stdout) if finding["verdict"] == "problem"]
    assert problems == ["secret"]
