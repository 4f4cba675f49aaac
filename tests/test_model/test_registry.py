import json
from pathlib import Path

import pytest

from model.bundle import write_bundle
from model.errors import BundleCorruptError, BundleMissingError
from model.registry import POINTER, Registry
from model.table import TableArrays


@pytest.fixture
def registry(tmp_path: Path, arrays: TableArrays) -> Registry:
    registry = Registry(tmp_path / "bundles")
    for bundle_id in ("aa", "bb"):
        write_bundle(registry.path_of(bundle_id), {"bundle": bundle_id}, arrays, {})
    return registry


def test_lists_the_bundles_that_are_there(registry: Registry) -> None:
    assert registry.list_ids() == ("aa", "bb")


def test_the_promoted_bundle_is_the_champion(registry: Registry) -> None:
    registry.promote("aa")
    registry.promote("bb")
    assert registry.champion_id() == "bb"
    assert registry.champion_path() == registry.path_of("bb")


def test_without_promotion_there_is_no_champion(registry: Registry) -> None:
    assert registry.champion_id() is None
    with pytest.raises(BundleMissingError, match="pilah train --promote"):
        registry.champion_path()


def test_promoting_what_is_not_there_changes_nothing(registry: Registry) -> None:
    registry.promote("aa")
    with pytest.raises(BundleMissingError, match="nothing was changed"):
        registry.promote("cc")
    assert registry.champion_id() == "aa"


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"bundle": 3})])
def test_a_broken_pointer_is_refused(registry: Registry, content: str) -> None:
    (registry.folder / POINTER).write_text(content)
    with pytest.raises(BundleCorruptError, match="promote a bundle again"):
        registry.champion_id()


def test_a_promotion_mends_a_broken_pointer(registry: Registry) -> None:
    (registry.folder / POINTER).write_text("{", encoding="utf-8")
    registry.promote(registry.list_ids()[0])
    assert (registry.champion_id(), registry.list_before()) == (registry.list_ids()[0], ())


def test_a_bundle_from_elsewhere_is_adopted_once(registry: Registry, tmp_path: Path, arrays: TableArrays) -> None:
    write_bundle(tmp_path / "made", {"bundle": "cc"}, arrays, {})
    registry.adopt(tmp_path / "made", "cc")
    registry.adopt(tmp_path / "made", "cc")
    assert registry.list_ids() == ("aa", "bb", "cc")


def test_a_rollback_walks_back_through_what_was_in_force(registry: Registry) -> None:
    for name in ("aa", "bb", "aa"):
        registry.promote(name)
    assert [registry.rollback(), registry.rollback()] == ["bb", "aa"]
    with pytest.raises(BundleMissingError, match="before this one"):
        registry.rollback()


def test_promoting_the_champion_again_remembers_nothing_new(registry: Registry) -> None:
    for name in ("aa", "bb", "bb"):
        registry.promote(name)
    assert registry.rollback() == "aa"
