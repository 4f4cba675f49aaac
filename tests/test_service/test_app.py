import json
import os
import stat
import subprocess
import sys
from types import SimpleNamespace

import pytest

from model.errors import BundleError, BundleMissingError
from service.app import create_app
from service.champion import _check_labels
from service.errors import StoreError
from service.home import FIRST_KEY_FILE

HEAVY = ("pandas", "sklearn", "scipy", "pyarrow", "joblib", "statsmodels", "altair", "Sastrawi")
_START = """
import asyncio, json, sys
from pathlib import Path
from service.app import create_app
from service.settings import read_settings

async def start():
    app = create_app(read_settings())
    async with app.router.lifespan_context(app):
        app.state.context.classifier.classify("Lampu jalan di Talawi mati.")

asyncio.run(start())
print(json.dumps(sorted(sys.modules)))
"""


def test_the_web_process_imports_none_of_the_heavy_packages(settings):
    environment = {**os.environ, "PILAH_HOME": str(settings.home), "PILAH_BUNDLE": str(settings.bundle)}
    done = subprocess.run(
        [sys.executable, "-c", _START], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert {"fastapi", "numpy", "sqlalchemy"} <= loaded
    assert loaded.isdisjoint(HEAVY)


def test_nothing_is_opened_before_the_start(settings):
    create_app(settings)
    assert not settings.home.exists()


def test_two_services_in_one_process_share_nothing(run_service, settings, tmp_path):
    with run_service(settings) as one, run_service(settings.changed(home=tmp_path / "other")) as other:
        one.post("/v1/feedback", {"text": "lampu"})
        assert other.get("/v1/feedback").json()["feedback"] == []
        assert other.get("/v1/feedback", key=one.key).status_code == 401
        assert 'method="POST",route="/v1/feedback"' in one.get("/metrics").text
        assert 'method="POST",route="/v1/feedback"' not in other.get("/metrics").text


def test_the_first_key_goes_to_a_private_file_once(run_service, settings):
    path = settings.home / FIRST_KEY_FILE
    with run_service(settings) as client:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert client.get("/v1/feedback").status_code == 200
    key = path.read_text()
    path.unlink()
    with run_service(settings) as client:
        assert not path.exists()
        assert client.get("/v1/feedback", key=key.strip()).status_code == 200


def test_what_was_stored_is_there_after_a_restart(run_service, settings):
    with run_service(settings) as client:
        stored = client.post("/v1/feedback", {"text": "lampu", "external_id": "1"}).json()
    with run_service(settings) as client:
        assert client.get(f"/v1/feedback/{stored['id']}").json() == stored
        again = client.post("/v1/feedback", {"text": "lampu", "external_id": "1"})
        assert (again.status_code, again.json()) == (200, stored)


def test_the_champion_of_the_home_is_served_by_default(run_service, settings, champion):
    settings.home.mkdir()
    (settings.home / "bundles").symlink_to(champion)
    with run_service(type(settings)(home=settings.home)) as client:
        assert client.get("/readyz").json()["bundle"] == client.context.classifier.bundle_id


def test_without_a_bundle_the_start_is_refused_with_advice(run_service, settings):
    with pytest.raises(BundleMissingError, match="pilah train"), run_service(type(settings)(home=settings.home)):
        pass


def test_a_bundle_that_is_no_folder_is_refused(run_service, settings, tmp_path):
    path = tmp_path / "bundle"
    path.write_text("")
    with pytest.raises(BundleMissingError, match="holds no bundle"), run_service(settings.changed(bundle=path)):
        pass


def test_a_label_that_no_store_can_keep_refuses_the_start():
    fits, longer = (SimpleNamespace(name="topic", labels=("x" * n_chars,)) for n_chars in (80, 81))
    _check_labels(SimpleNamespace(bundle_id="b1", heads=[fits]))
    with pytest.raises(BundleError, match="of 81 characters"):
        _check_labels(SimpleNamespace(bundle_id="b1", heads=[fits, longer]))


def test_a_store_that_cannot_be_reached_refuses_the_start_without_its_password(run_service, settings):
    address = "postgresql://pilah:rahasia@127.0.0.1:9/none"
    changed = settings.changed(database_url=address)
    with pytest.raises(StoreError, match="PILAH_DATABASE_URL") as refused, run_service(changed):
        pass
    assert "rahasia" not in str(refused.value)


def test_a_start_says_when_nobody_looks_at_what_is_shut_away(client, run_service):
    (told,) = [line for line in client.log if line["event"] == "nobody has oversight"]
    assert (told["level"], "--oversight" in told["advice"]) == ("warning", True)
    client.make_key("triage", "oversight")
    with run_service(client.settings) as again:
        assert not [line for line in again.log if line["event"] == "nobody has oversight"]


def test_no_other_site_is_let_in_by_a_browser(client):
    """CORS is off: neither a question before a call nor an answer names another origin."""
    foreign = {"Origin": "https://lain.example", "Access-Control-Request-Method": "POST"}
    for path in ("/", "/v1/feedback", "/v1/statistics/agencies", "/open311/v2/requests.json", "/metrics", "/masuk"):
        for method in ("OPTIONS", "GET", "POST"):
            answer = client.request(method, path, headers=foreign)
            assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)
