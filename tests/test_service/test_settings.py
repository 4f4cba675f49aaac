import re
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import Settings, read_settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PILAH_{name.upper()}", raising=False)


def test_the_defaults_serve_this_computer_only_from_the_folder_home():
    settings = read_settings()
    assert (settings.home, settings.host, settings.port) == (Path("home"), "127.0.0.1", 8000)
    assert settings.store_url == "sqlite:///home/pilah.db"
    assert settings.is_page_open


def test_variables_win_over_defaults(monkeypatch):
    monkeypatch.setenv("PILAH_PORT", "9000")
    monkeypatch.setenv("PILAH_HOME", "/srv/pilah")
    assert read_settings().port == 9000
    assert read_settings().store_url == "sqlite:////srv/pilah/pilah.db"


def test_what_is_given_wins_over_variables(monkeypatch):
    monkeypatch.setenv("PILAH_PORT", "9000")
    assert read_settings().changed(port=9001, host=None).port == 9001


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PILAH_PORT", "delapan", "'delapan': expected is a whole number \\(integer\\)"),
        ("PILAH_PORT", "70000", "65535"),
        ("PILAH_PORT", "", "integer"),
        ("PILAH_HOST", "", "character"),
        ("PILAH_HOST", "http://x", "pattern"),
        ("PILAH_HOME", "", "empty"),
        ("PILAH_BUNDLE", "", "empty"),
        ("PILAH_OPEN_PAGE", "kadang", "boolean"),
        ("PILAH_DATABASE_URL", "mysql://a/b", "postgresql://"),
        ("PILAH_DATABASE_URL", "", "postgresql://"),
        ("PILAH_EMERGENCY_NUMBERS", "112", "number=name"),
        ("PILAH_EMERGENCY_NUMBERS", "112=", "number=name"),
        ("PILAH_MAX_BODY_BYTES", "10", "65536"),
        ("PILAH_WEBHOOK_HOSTS", "http://app.lan", "names and networks"),
        ("PILAH_SMTP_URL", "mail.example", "smtp://"),
        ("PILAH_EMERGENCY_MAIL", "piket", "piket@kota.go.id"),
        ("PILAH_ESCALATION_MAIL", "a@b.example,c d@e.example", "addresses with commas"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_hears_what_is_expected(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}.*{said}"):
        read_settings()


def test_every_wrong_value_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PILAH_PORT", "x")
    monkeypatch.setenv("PILAH_OPEN_PAGE", "mungkin")
    with pytest.raises(SettingsError, match=r"(?s)PILAH_PORT.*PILAH_OPEN_PAGE"):
        read_settings()


def test_the_password_of_the_store_is_not_said(monkeypatch):
    monkeypatch.setenv("PILAH_DATABASE_URL", "mysql://pilah:rahasia@host/db")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "rahasia" not in str(refused.value)
    assert "rahasia" not in repr(Settings(database_url="postgresql://pilah:rahasia@host/db"))


@pytest.mark.parametrize(
    ("host", "is_open"),
    [("127.0.0.1", True), ("127.0.0.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_the_page_is_open_without_a_key_on_loopback_only(host, is_open):
    assert Settings(host=host).is_page_open is is_open
    assert Settings(host=host, open_page=not is_open).is_page_open is not is_open


def test_emergency_numbers_are_pairs_in_order():
    settings = Settings(emergency_numbers="112=panggilan darurat, 0754 61 001 = RSUD")
    assert settings.emergency_contacts == (("112", "panggilan darurat"), ("0754 61 001", "RSUD"))


def test_the_password_of_the_mail_server_is_not_said(monkeypatch):
    monkeypatch.setenv("PILAH_SMTP_URL", "smtp://pilah:rahasia@host/folder")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "rahasia" not in str(refused.value)
    assert "rahasia" not in repr(Settings(smtp_url="smtp://pilah:rahasia@host"))


def test_who_hears_first_hears_again_where_nobody_else_is_set():
    settings = Settings(emergency_mail="a@kota.example, b@kota.example")
    assert settings.emergency_recipients == settings.escalation_recipients == ("a@kota.example", "b@kota.example")
    assert settings.changed(escalation_mail="c@kota.example").escalation_recipients == ("c@kota.example",)


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_every_setting_has_its_line_in_the_document_and_the_reverse():
    documented = set(re.findall(r"^\| `(PILAH_[A-Z0-9_]+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {f"PILAH_{name.upper()}" for name in Settings.model_fields}


def test_the_document_states_the_defaults():
    content = DOCUMENT.read_text(encoding="utf-8")
    for name in ("home", "host", "port", "max_body_bytes", "emergency_numbers"):
        line = next(line for line in content.splitlines() if line.startswith(f"| `PILAH_{name.upper()}`"))
        assert f"`{Settings.model_fields[name].default}`" in line
