"""Where bundles live and which one is the champion: a folder of bundles and one small pointer file.

Changing the pointer is one atomic rename, so a crash leaves the old champion or the new one, never neither.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from model.bundle import MANIFEST
from model.errors import BundleCorruptError, BundleMissingError

POINTER = "champion.json"
_N_REMEMBERED = 100
_ASIDE = ".pruned-"


@dataclass(frozen=True, slots=True)
class Registry:
    """The bundles under ``folder``, each in a folder named by its id."""

    folder: Path

    def path_of(self, bundle_id: str) -> Path:
        """Folder of a bundle, there or not."""
        return self.folder / bundle_id

    def list_ids(self) -> tuple[str, ...]:
        """Ids of all bundles that are there, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{MANIFEST}")))

    def champion_id(self) -> str | None:
        """Id of the bundle in force, None while none was promoted.

        Raises
        ------
        BundleCorruptError
            The pointer file is not what `promote` writes.
        """
        named = self._read_pointer().get("bundle")
        return str(named) if named is not None else None

    def champion_path(self) -> Path:
        """Folder of the bundle in force.

        Raises
        ------
        BundleMissingError
            None was promoted yet.
        """
        bundle_id = self.champion_id()
        if bundle_id is None:
            raise BundleMissingError(f"No bundle is in force in {self.folder}. Train one: pilah train --promote.")
        return self.path_of(bundle_id)

    def adopt(self, folder: Path, bundle_id: str) -> None:
        """Copy a bundle from elsewhere under its id; nothing happens when it is here already."""
        target = self.path_of(bundle_id)
        if target.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{bundle_id}-", dir=self.folder))
        shutil.copytree(folder, draft, dirs_exist_ok=True)
        draft.rename(target)

    def promote(self, bundle_id: str) -> None:
        """Put a bundle in force; the one before is remembered for `rollback`.

        Raises
        ------
        BundleMissingError
            It is not in this folder.
        """
        try:
            current, before = self.champion_id(), self.list_before()
        except BundleCorruptError:
            # To promote again is the way out of a pointer that cannot be read.
            current, before = None, ()
        if current is not None and current != bundle_id:
            before = (current, *before)
        self._point(bundle_id, before)

    def previous_id(self) -> str:
        """Id of the bundle that was in force before the champion: the one `rollback` goes to.

        Raises
        ------
        BundleMissingError
            There was none.
        """
        before = self.list_before()
        if not before:
            raise BundleMissingError(f"No bundle was in force in {self.folder} before this one; promote one by its id.")
        return before[0]

    def rollback(self) -> str:
        """Put the bundle in force that was before the champion, and return its id.

        Raises
        ------
        BundleMissingError
            There was none, or it is no longer in this folder.
        """
        bundle_id = self.previous_id()
        self._point(bundle_id, self.list_before()[1:])
        return bundle_id

    def list_before(self) -> tuple[str, ...]:
        """Ids of the bundles that were in force before, the last one first; there still or not.

        Raises
        ------
        BundleCorruptError
            As `champion_id`.
        """
        before = self._read_pointer().get("before", [])
        return tuple(name for name in before if isinstance(name, str)) if isinstance(before, list) else ()

    def put_aside(self, bundle_id: str) -> bool:
        """Take a bundle out of sight, in one step, so that it cannot be promoted; whether it was there.

        Who does so reads the pointer afterwards, and `bring_back` what it names: a promotion writes the pointer and
        then looks whether the bundle is still there, so that of the two at least one sees the other.
        """
        if not self.path_of(bundle_id).exists():
            return False
        if self._aside_of(bundle_id).exists():
            # It was put aside before and made anew since: an id names its content.
            self.discard(bundle_id)
        try:
            self.path_of(bundle_id).rename(self._aside_of(bundle_id))
        except FileNotFoundError:
            return False
        return True

    def list_aside(self) -> tuple[str, ...]:
        """Ids of the bundles that were put aside and are not deleted yet, in alphabetical order."""
        return tuple(sorted(path.name.removeprefix(_ASIDE) for path in self.folder.glob(f"{_ASIDE}*")))

    def bring_back(self, bundle_id: str) -> None:
        """Let a bundle that was put aside be seen again."""
        if self.path_of(bundle_id).exists():
            self.discard(bundle_id)
        else:
            self._aside_of(bundle_id).rename(self.path_of(bundle_id))

    def discard(self, bundle_id: str) -> None:
        """Delete a bundle that was put aside; begun again, or by two at once, it goes on."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._aside_of(bundle_id))

    def count_bytes(self, bundle_id: str) -> int:
        """How much disk a bundle takes, put aside or not."""
        folders = (self.path_of(bundle_id), self._aside_of(bundle_id))
        return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())

    def _aside_of(self, bundle_id: str) -> Path:
        return self.folder / f"{_ASIDE}{bundle_id}"

    def _read_pointer(self) -> dict[str, object]:
        """What the pointer file says; nothing while there is none."""
        path = self.folder / POINTER
        try:
            pointer = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise BundleCorruptError(f"{path} is not readable as JSON; promote a bundle again.") from error
        if not isinstance(pointer, dict) or not isinstance(pointer.get("bundle"), str):
            raise BundleCorruptError(f"{path} names no bundle; promote a bundle again.")
        return pointer

    def _point(self, bundle_id: str, before: Sequence[str]) -> None:
        if not (self.path_of(bundle_id) / MANIFEST).is_file():
            raise BundleMissingError(f"{self.path_of(bundle_id)} holds no bundle; nothing was changed.")
        pointer = self.folder / POINTER
        earlier = pointer.read_bytes() if pointer.exists() else None
        self._replace_pointer(json.dumps({"bundle": bundle_id, "before": list(before[:_N_REMEMBERED])}).encode())
        if (self.path_of(bundle_id) / MANIFEST).is_file():
            return
        if earlier is None:
            pointer.unlink()
        else:
            self._replace_pointer(earlier)
        raise BundleMissingError(f"{self.path_of(bundle_id)} was taken away meanwhile; nothing was changed.")

    def _replace_pointer(self, content: bytes) -> None:
        handle, draft = tempfile.mkstemp(prefix=".champion-", dir=self.folder)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(self.folder / POINTER)
