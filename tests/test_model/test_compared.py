import json

import pytest

from model.bundle import MANIFEST
from model.compared import FORMAT, Compared, kept_path, require_comparison, write_comparison
from model.errors import PromotionRefusedError
from model.registry import Registry

ALLOWED = {
    "format": FORMAT,
    "champion": "aaaa",
    "challenger": "bbbb",
    "rows": {"sha256": "0" * 64},
    "allowed": True,
    "reasons": [],
}


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "bundles")
    for name in ("aaaa", "bbbb"):
        registry.path_of(name).mkdir(parents=True)
        (registry.path_of(name) / MANIFEST).write_text("{}", encoding="utf-8")
    registry.promote("aaaa")
    return registry


def refuse(registry, *arguments):
    with pytest.raises(PromotionRefusedError) as refused:
        require_comparison(registry, *arguments)
    return str(refused.value)


def test_the_first_bundle_and_the_one_in_force_need_no_comparison(registry, tmp_path):
    assert require_comparison(Registry(tmp_path / "empty"), "bbbb") is None
    assert require_comparison(registry, "aaaa") is None


def test_without_a_comparison_the_refusal_says_what_to_run(registry):
    assert "pilah compare aaaa bbbb --data" in refuse(registry, "bbbb")


def test_an_allowed_challenger_passes_by_the_kept_file_or_by_one_that_is_named(registry, tmp_path):
    write_comparison(kept_path(registry, "bbbb"), ALLOWED)
    write_comparison(tmp_path / "verdict.json", ALLOWED)
    assert require_comparison(registry, "bbbb").rows_digest == "0" * 64
    assert require_comparison(registry, "bbbb", tmp_path / "verdict.json").is_allowed


def test_a_kept_comparison_is_no_bundle(registry):
    write_comparison(kept_path(registry, "bbbb"), ALLOWED)
    assert registry.list_ids() == ("aaaa", "bbbb")


@pytest.mark.parametrize("names", [{"champion": "cccc"}, {"challenger": "cccc"}])
def test_a_comparison_with_another_champion_or_of_another_bundle_is_refused(registry, names):
    write_comparison(kept_path(registry, "bbbb"), ALLOWED | names)
    assert "in force is aaaa, asked for is bbbb" in refuse(registry, "bbbb")


def test_what_the_gate_refused_is_refused_with_its_reasons(registry):
    write_comparison(kept_path(registry, "bbbb"), ALLOWED | {"allowed": False, "reasons": ["recall of darurat fell"]})
    assert "recall of darurat fell" in refuse(registry, "bbbb")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "null",
        "{}",
        json.dumps(ALLOWED | {"format": FORMAT + 1}),
        json.dumps(ALLOWED | {"reasons": ["but"]}),
        json.dumps(ALLOWED | {"allowed": "yes"}),
        json.dumps(ALLOWED | {"rows": None}),
    ],
)
def test_a_file_that_is_no_comparison_is_refused_by_name(tmp_path, content):
    path = tmp_path / "verdict.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PromotionRefusedError, match=r"verdict\.json"):
        Compared.read(path)


def test_a_comparison_is_written_over_an_older_one_and_leaves_no_draft(tmp_path):
    path = tmp_path / "deep" / "verdict.json"
    write_comparison(path, ALLOWED | {"champion": "old"})
    write_comparison(path, ALLOWED)
    assert Compared.read(path).champion == "aaaa"
    assert [file.name for file in path.parent.iterdir()] == ["verdict.json"]
