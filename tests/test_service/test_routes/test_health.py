import shutil

from prometheus_client.parser import text_string_to_metric_families


def read_metrics(client):
    families = text_string_to_metric_families(client.get("/metrics", key="").text)
    return [sample for family in families for sample in family.samples]


def read_value(client, name, **labels):
    return next(s.value for s in read_metrics(client) if s.name == name and s.labels == labels)


def test_healthz_needs_no_key(client):
    answer = client.get("/healthz", key="")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_names_the_bundle_and_its_checks(client):
    answer = client.get("/readyz", key="")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "bundle": client.context.classifier.bundle_id,
        "checks": {"bundle": "ok", "store": "ok"},
    }


def test_readyz_is_503_and_names_the_store_while_it_is_away_and_heals(client):
    store = client.settings.home / "pilah.db"
    away = store.rename(store.with_name("away.db"))
    answer = client.get("/readyz", key="")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/not-ready"
    assert answer.json()["checks"]["bundle"] == "ok"
    assert "cannot write" in answer.json()["checks"]["store"]
    assert int(answer.headers["retry-after"]) > 0
    away.rename(store)
    assert client.get("/readyz", key="").status_code == 200


def test_readyz_can_be_asked_again_and_again(client):
    assert {client.get("/readyz", key="").status_code for _ in range(3)} == {200}


def test_metrics_count_requests_by_route_template(client):
    stored = client.post("/v1/feedback", {"text": "lampu"}).json()["id"]
    client.get(f"/v1/feedback/{stored}")
    client.get("/v1/feedback/nothing")
    client.get("/no/such/place")
    counts = {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for sample in read_metrics(client)
        if sample.name == "pilah_requests_total"
    }
    assert counts["/v1/feedback", "POST", "2xx"] == 1
    assert counts["/v1/feedback/{id}", "GET", "2xx"] == 1
    assert counts["/v1/feedback/{id}", "GET", "4xx"] == 1
    assert counts["(none)", "GET", "4xx"] == 1
    assert not any(stored in str(labels) for labels in counts)


def test_metrics_count_decisions_and_stored_reports(client):
    body = {"text": "lampu", "external_id": "1"}
    client.post("/v1/feedback", body)
    client.post("/v1/feedback", body)
    assert read_value(client, "pilah_feedback_stored_total") == 1
    assert read_value(client, "pilah_predictions_total", head="agency", decision="suggest") == 2
    assert read_value(client, "pilah_bundle_info", bundle=client.context.classifier.bundle_id) == 1


def test_metrics_count_refusals_of_the_store(client):
    store = client.settings.home / "pilah.db"
    store.rename(store.with_name("away.db"))
    client.post("/v1/feedback", {"text": "lampu"})
    assert read_value(client, "pilah_store_errors_total", reason="unavailable") == 1


def test_an_unknown_method_is_no_label(client):
    client.request("BREW", "/healthz")
    methods = {sample.labels.get("method") for sample in read_metrics(client)}
    assert "other" in methods
    assert "BREW" not in methods


def test_the_bundle_deleted_under_a_running_service_keeps_serving(run_service, settings, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(settings.bundle, bundle)
    with run_service(settings.changed(bundle=bundle)) as client:
        shutil.rmtree(bundle)
        assert client.post("/v1/feedback", {"text": "lampu"}).status_code == 201
        assert client.get("/readyz", key="").status_code == 200
