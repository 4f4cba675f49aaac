import pytest

from service.problems import PROBLEM_TYPES


@pytest.mark.parametrize("kind", PROBLEM_TYPES, ids=lambda kind: kind.slug)
def test_the_type_of_every_problem_opens_a_page(client, kind):
    answer = client.get(kind.uri, key="")
    assert answer.status_code == 200
    assert kind.title in answer.text


def test_the_list_leads_to_every_type(client):
    listed = client.get("/problems", key="").text
    assert all(kind.uri in listed for kind in PROBLEM_TYPES)


def test_an_unknown_type_is_a_problem_of_its_own(client):
    answer = client.get("/problems/nothing", key="")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
