import json
from pathlib import Path

import numpy as np
import pytest

from model.bundle import ARRAY_NAMES, FORMAT_VERSION, MANIFEST, hash_file, read_bundle, seal_manifest, write_bundle
from model.errors import BundleCorruptError, BundleError, BundleMissingError, BundleTooNewError
from model.table import TableArrays


@pytest.fixture
def folder(tmp_path: Path, arrays: TableArrays) -> Path:
    write_bundle(tmp_path / "b1", {"bundle": "b1"}, arrays, {"lexicons/places.csv": b"code\n"})
    return tmp_path / "b1"


def rewrite_manifest(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(seal_manifest({**manifest, **changes}))


def test_what_is_written_is_read(folder: Path, arrays: TableArrays) -> None:
    files = read_bundle(folder)
    assert files.manifest["bundle"] == "b1"
    assert files.arrays.tokens == arrays.tokens
    np.testing.assert_array_equal(files.arrays.token_rows, arrays.token_rows)
    assert files.read_text("lexicons/places.csv") == "code\n"


def test_the_manifest_names_every_file(folder: Path) -> None:
    named = set(json.loads((folder / MANIFEST).read_bytes())["files"])
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert named == there - {MANIFEST}


@pytest.mark.parametrize("name", ["lexicons/places.csv", "tokens.txt", "bias.npy"])
def test_a_file_that_the_manifest_does_not_name_is_not_read(folder: Path, name: str) -> None:
    named = json.loads((folder / MANIFEST).read_bytes())["files"]
    assert name in named
    rewrite_manifest(folder, files={key: value for key, value in named.items() if key != name})
    with pytest.raises(BundleCorruptError, match="is not named by the manifest"):
        read_bundle(folder).read_text(name)


def test_arrays_cannot_be_changed(folder: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        read_bundle(folder).arrays.token_rows[0, 0] = 1


def test_a_file_cut_short_or_overwritten_under_a_loaded_bundle_changes_nothing(folder: Path) -> None:
    arrays = read_bundle(folder).arrays
    before = {name: getattr(arrays, name).copy() for name in ARRAY_NAMES}
    for name in ARRAY_NAMES:
        path = folder / f"{name}.npy"
        path.write_bytes(b"\xff" * (path.stat().st_size // 2))
    assert all(np.array_equal(getattr(arrays, name), content) for name, content in before.items())


def test_writing_again_replaces_the_whole(folder: Path, arrays: TableArrays) -> None:
    write_bundle(folder, {"bundle": "b2"}, arrays, {})
    assert read_bundle(folder).manifest["bundle"] == "b2"
    assert not (folder / "lexicons").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["b1"]


@pytest.mark.parametrize("name", ["token_rows.npy", "tokens.txt", "lexicons/places.csv", "pair_keys.npy"])
def test_one_flipped_byte_is_refused_by_name(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleCorruptError, match=rf"{name} was changed"):
        read_bundle(folder)


def test_one_flipped_byte_of_the_manifest_is_refused(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(content.replace(b'"b1"', b'"b0"'))
    with pytest.raises(BundleCorruptError, match=rf"{MANIFEST} was changed"):
        read_bundle(folder)


def test_a_manifest_without_its_own_hash_is_refused(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(content.replace(b'"sha256"', b'"sha257"'))
    with pytest.raises(BundleCorruptError, match="made by an older Pilah, or cut short"):
        read_bundle(folder)


def test_a_missing_file_is_refused_by_name(folder: Path) -> None:
    (folder / "bias.npy").unlink()
    with pytest.raises(BundleMissingError, match=r"bias\.npy is missing"):
        read_bundle(folder)


def test_a_folder_without_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleMissingError, match="pilah train"):
        read_bundle(tmp_path)


def test_a_newer_format_is_refused(folder: Path) -> None:
    rewrite_manifest(folder, format=FORMAT_VERSION + 1)
    with pytest.raises(BundleTooNewError, match="update Pilah"):
        read_bundle(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"format": "1", "files": {}}', b"\xff"])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(BundleCorruptError, match=MANIFEST):
        read_bundle(folder)


def test_a_file_outside_the_bundle_is_refused(folder: Path) -> None:
    rewrite_manifest(folder, files={"../secret": "0"})
    with pytest.raises(BundleCorruptError, match="outside the bundle"):
        read_bundle(folder)


def test_an_array_of_objects_is_refused(folder: Path) -> None:
    np.save(folder / "bias.npy", np.array([{}], dtype=object), allow_pickle=True)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    rewrite_manifest(folder, files={**manifest["files"], "bias.npy": hash_file(folder / "bias.npy")})
    with pytest.raises(BundleCorruptError, match="no array of plain numbers"):
        read_bundle(folder)


def test_a_crash_while_writing_leaves_the_old_bundle(folder: Path, arrays: TableArrays) -> None:
    with pytest.raises(TypeError):
        write_bundle(folder, {"bundle": "b2", "broken": object()}, arrays, {})
    assert read_bundle(folder).manifest["bundle"] == "b1"
    assert [path.name for path in folder.parent.iterdir()] == ["b1"]


def test_a_folder_that_is_no_bundle_is_never_replaced(tmp_path: Path, arrays: TableArrays) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("kept")
    with pytest.raises(BundleError, match="is no bundle; it is left as it is"):
        write_bundle(tmp_path / "papers", {"bundle": "b1"}, arrays, {})
    assert (tmp_path / "papers" / "letter.txt").read_text() == "kept"


def test_an_empty_folder_takes_a_bundle(tmp_path: Path, arrays: TableArrays) -> None:
    (tmp_path / "new").mkdir()
    write_bundle(tmp_path / "new", {"bundle": "b1"}, arrays, {})
    assert read_bundle(tmp_path / "new").manifest["bundle"] == "b1"
