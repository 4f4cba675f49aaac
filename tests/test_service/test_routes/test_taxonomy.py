from dataclasses import replace
from datetime import date

import pytest

from model.shipped import taxonomy_in_force
from service.routes.taxonomy import TaxonomyAnswer, describe

LISTS = {"agencies": "agency", "topics": "topic", "kinds": "kind", "urgencies": "urgency", "aspects": "aspect"}


def test_every_label_is_listed_with_its_name_in_the_order_of_its_file(client):
    answer = client.get("/v1/taxonomy")
    told, taxonomy = TaxonomyAnswer.model_validate(answer.json()), taxonomy_in_force()
    assert (told.version, told.digest) == (taxonomy.version, taxonomy.digest)
    for name, head in LISTS.items():
        listed = getattr(told, name)
        assert [(entry.slug, entry.name) for entry in listed] == [(s, v.name) for s, v in taxonomy.heads[head].items()]
    assert {entry.slug for entry in told.agencies if not entry.verified} == set(taxonomy.unverified())
    assert {entry.slug for entry in told.agencies if entry.scope == "external"} == set(taxonomy.external_agencies())
    assert [entry.rank for entry in told.urgencies] == list(range(len(told.urgencies)))


def test_english_names_are_told_where_there_are_some(client):
    told = client.get("/v1/taxonomy").json()
    assert all(entry["name_en"] for name in LISTS if name != "agencies" for entry in told[name])
    assert not any(entry["name_en"] for entry in told["agencies"])


def test_a_label_that_ended_says_when_and_what_took_its_place():
    taxonomy = taxonomy_in_force()
    label = next(iter(taxonomy.heads["topic"].values()))
    ended = replace(label, valid_to=date(2026, 1, 31), merged_into="b")
    told = describe(replace(taxonomy, heads={**taxonomy.heads, "topic": {label.slug: ended}}))
    topic = TaxonomyAnswer.model_validate(told).topics[0]
    assert (topic.valid_to, topic.merged_into) == (ended.valid_to, "b")


def test_an_answer_that_still_holds_is_not_sent_again(client):
    tag = client.get("/v1/taxonomy").headers["etag"]
    for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/v1/taxonomy", headers={"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for named in ('"other"', tag.strip('"'), ""):
        assert client.get("/v1/taxonomy", headers={"If-None-Match": named}).status_code == 200
    assert "private" in client.get("/v1/taxonomy").headers["cache-control"]


@pytest.mark.parametrize("scope", ["classify", "ingest", "triage", "analyse", "audit"])
def test_whoever_sends_or_reads_reports_may_name_their_labels(client, scope):
    assert client.get("/v1/taxonomy", key=client.make_key(scope)).status_code == 200


def test_without_a_key_nothing_is_told(client):
    assert client.get("/v1/taxonomy", key="").status_code == 401
