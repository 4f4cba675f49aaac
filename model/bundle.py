"""The bundle format: a folder of plain data with a manifest that names every file and its SHA-256.

Owns writing, reading and every refusal. Nothing in a bundle can execute: JSON, CSV, text and ``.npy`` arrays read
with ``allow_pickle=False``.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import BundleCorruptError, BundleError, BundleMissingError, BundleTooNewError
from model.prediction import JsonValue
from model.table import TableArrays

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
SEAL = "sha256"
TOKENS = "tokens.txt"
ARRAY_NAMES = (
    "token_rows",
    "token_norms",
    "pair_keys",
    "pair_rows",
    "pair_norms",
    "ngram_keys",
    "ngram_rows",
    "ngram_weights",
    "bias",
)
_READ_CHUNK_BYTES = 1 << 20

Manifest = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """A verified bundle folder: its path, its manifest, and the arrays it holds."""

    folder: Path
    manifest: Manifest
    arrays: TableArrays

    def __contains__(self, name: str) -> bool:
        """Whether the manifest names the file."""
        files = self.manifest["files"]
        return isinstance(files, dict) and name in files

    def read_text(self, name: str) -> str:
        """The text of a file the manifest names.

        Raises
        ------
        BundleCorruptError
            The manifest does not name it, so that nobody vouches for what it says.
        """
        if name not in self:
            raise BundleCorruptError(f"{self.folder / name} is not named by the manifest; get the bundle again.")
        return (self.folder / name).read_text(encoding="utf-8")


def write_bundle(
    folder: Path, manifest: Mapping[str, JsonValue], arrays: TableArrays, files: Mapping[str, bytes]
) -> None:
    """Write a bundle so that ``folder`` is either the whole bundle or not there.

    ``manifest`` lacks only ``format`` and ``files``, which are added here; ``files`` maps further relative names to
    their content. An existing bundle at ``folder`` is replaced.

    Raises
    ------
    BundleError
        ``folder`` holds something that is no bundle; nothing is touched.
    """
    refuse_foreign_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write_files(draft, arrays, files)
        hashes: dict[str, JsonValue] = {name: hash_file(draft / name) for name in _list_files(draft)}
        complete = {"format": FORMAT_VERSION, **manifest, "files": hashes}
        _write_durably(draft / MANIFEST, seal_manifest(complete))
        draft.chmod(0o755)
        _replace_folder(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse to write a bundle over anything but nothing, an empty folder, or a bundle.

    Raises
    ------
    BundleError
        With what to do.
    """
    if not folder.exists() or (folder / MANIFEST).is_file() or (folder.is_dir() and not any(folder.iterdir())):
        return
    raise BundleError(f"{folder} is there and is no bundle; it is left as it is. Name a new folder for the bundle.")


def read_bundle(folder: Path) -> BundleFiles:
    """Verify every hash, that of the manifest too, and read the arrays.

    Raises
    ------
    BundleMissingError, BundleCorruptError, BundleTooNewError
        With the name of the file and what to do.
    """
    manifest = read_manifest(folder)
    _verify_seal(folder / MANIFEST, manifest)
    hashes = manifest["files"]
    if not isinstance(hashes, dict):
        raise BundleCorruptError(f"{folder / MANIFEST}: 'files' is no object; get the bundle again.")
    for name, expected in hashes.items():
        _verify_file(folder, name, expected)
    for name in (TOKENS, *(f"{array}.npy" for array in ARRAY_NAMES)):
        if name not in hashes and (folder / name).exists():
            raise BundleCorruptError(f"{folder / name} is not named by the manifest; get the bundle again.")
    tokens = (folder / TOKENS).read_text(encoding="utf-8").split("\n")[:-1]
    arrays = {name: _read_array(folder / f"{name}.npy") for name in ARRAY_NAMES}
    return BundleFiles(folder, manifest, TableArrays(tokens=tuple(tokens), **arrays))


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, its format checked but no other file verified.

    Raises
    ------
    BundleMissingError, BundleCorruptError, BundleTooNewError
        As `read_bundle`.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BundleMissingError(f"{folder} holds no bundle: {MANIFEST} is missing. Train one: pilah train.") from error
    except ValueError as error:
        raise BundleCorruptError(f"{path} is not readable as JSON ({error}); get the bundle again.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int) or "files" not in manifest:
        raise BundleCorruptError(f"{path} is no manifest of a bundle; get the bundle again.")
    if manifest["format"] > FORMAT_VERSION:
        raise BundleTooNewError(
            f"{folder} has bundle format {manifest['format']}, this Pilah reads up to {FORMAT_VERSION}; update Pilah."
        )
    return manifest


def to_json_bytes(content: Mapping[str, JsonValue]) -> bytes:
    """JSON as every file of a bundle is written: sorted keys, two spaces, UTF-8, one line break at the end."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def seal_manifest(manifest: Mapping[str, JsonValue]) -> bytes:
    """The manifest with its own SHA-256 under ``sha256``, so that a damaged label in it is found too."""
    return to_json_bytes({**manifest, SEAL: _digest_manifest(manifest)})


def hash_file(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_READ_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _digest_manifest(manifest: Mapping[str, JsonValue]) -> str:
    return hashlib.sha256(to_json_bytes({key: manifest[key] for key in manifest if key != SEAL})).hexdigest()


def _verify_seal(path: Path, manifest: Manifest) -> None:
    if SEAL not in manifest:
        raise BundleCorruptError(
            f"{path} has no {SEAL} of its own: it was made by an older Pilah, or cut short. "
            "Train again: pilah train --promote."
        )
    found = _digest_manifest(manifest)
    if found != manifest.get(SEAL):
        raise BundleCorruptError(
            f"{path} was changed: its SHA-256 is {found}, it says {manifest.get(SEAL)}; get the bundle again."
        )


def _verify_file(folder: Path, name: str, expected: JsonValue) -> None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BundleCorruptError(f"{folder / MANIFEST} names {name!r}, which lies outside the bundle; get it again.")
    if not path.is_file():
        raise BundleMissingError(f"{path} is missing from the bundle; get the bundle again.")
    found = hash_file(path)
    if found != expected:
        raise BundleCorruptError(
            f"{path} was changed: its SHA-256 is {found}, the manifest says {expected}; get the bundle again."
        )


def _read_array(path: Path) -> NDArray:  # type: ignore[type-arg]  # each file has the dtype its writer gave it
    """An array that cannot be changed, read rather than mapped: a mapped file that is cut short kills who reads it."""
    try:
        array: NDArray = np.load(path, allow_pickle=False)  # type: ignore[type-arg]  # as above
    except FileNotFoundError as error:
        raise BundleMissingError(f"{path} is missing from the bundle; get the bundle again.") from error
    except (ValueError, EOFError) as error:
        raise BundleCorruptError(f"{path} is no array of plain numbers ({error}); get the bundle again.") from error
    array.setflags(write=False)
    return array


def _write_files(draft: Path, arrays: TableArrays, files: Mapping[str, bytes]) -> None:
    for name in ARRAY_NAMES:
        np.save(draft / f"{name}.npy", np.ascontiguousarray(getattr(arrays, name)), allow_pickle=False)
    _write_durably(draft / TOKENS, "".join(f"{token}\n" for token in arrays.tokens).encode())
    for name, content in files.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        _write_durably(draft / name, content)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _replace_folder(draft: Path, folder: Path) -> None:
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent)) / "bundle"
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old.parent)
