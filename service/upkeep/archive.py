"""The archive a backup is: one compressed tar of rows, secret, bundles, and a manifest that vouches for them.

Owns its form and its verification. Rows are lines of JSON in members of a few megabytes, so that neither writing nor
reading needs more memory than one of them; the manifest is the last member.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final

from model.prediction import JsonValue
from service.errors import StoreError
from service.ledger.verifying import Follower

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
STORE: Final = "store"
SECRET: Final = "secret"  # noqa: S105  # the name of a member
BUNDLES: Final = "bundles"
_MEMBER_BYTES = 4 << 20
_CHUNK_BYTES = 1 << 20
_MAX_MANIFEST_BYTES = 16 << 20
_COMPRESSION = 5


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds, as its manifest says: revision of the store, rows of each table, SHA-256 of each file."""

    made_at: datetime
    revision: str
    tables: dict[str, int]
    files: dict[str, str]

    @property
    def n_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


@dataclass(slots=True)
class ArchiveWriter:
    """Adds members to an archive and remembers what vouches for them."""

    _tar: tarfile.TarFile
    _made_at: datetime
    tables: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def add_rows(self, table: str, lines: Iterator[bytes]) -> None:
        """Add the rows of a table."""
        self.tables[table] = 0
        waiting: list[bytes] = []
        n_bytes = n_members = 0
        for line in lines:
            waiting.append(line)
            n_bytes += len(line)
            self.tables[table] += 1
            if n_bytes >= _MEMBER_BYTES:
                n_members += 1
                self.add_bytes(f"{STORE}/{table}-{n_members:06}.ndjson", b"".join(waiting))
                waiting, n_bytes = [], 0
        if waiting:
            self.add_bytes(f"{STORE}/{table}-{n_members + 1:06}.ndjson", b"".join(waiting))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is on the disk."""
        with path.open("rb") as stream:
            self.files[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
            stream.seek(0)
            self._tar.addfile(self._describe(name, size), stream)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a member of this content."""
        self.files[name] = hashlib.sha256(content).hexdigest()
        self._tar.addfile(self._describe(name, len(content)), io.BytesIO(content))

    def conclude(self, revision: str, chains: dict[str, JsonValue]) -> None:
        """Add the manifest; ``chains`` are the heads of the ledger, kept for people to compare."""
        manifest = {
            "format": FORMAT,
            "made_at": self._made_at.isoformat(),
            "revision": revision,
            "tables": self.tables,
            "chains": chains,
            "files": dict(self.files),
        }
        self.add_bytes(MANIFEST, json.dumps(manifest, indent=1).encode())

    def _describe(self, name: str, size: int) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(self._made_at.timestamp())
        return member


@contextmanager
def writing_archive(stream: IO[bytes], made_at: datetime) -> Iterator[ArchiveWriter]:
    """A writer of an archive into ``stream``."""
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=_COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield ArchiveWriter(tar, made_at)


@contextmanager
def reading_archive(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members of an archive in their order, each with a stream of its content.

    Raises
    ------
    StoreError
        The file is no archive of this kind, or damaged.
    """
    try:
        with tarfile.open(path, mode="r|gz") as tar:
            yield _list_members(path, tar)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, ValueError, KeyError) as error:
        raise StoreError(f"{path} is no backup of Pilah, or damaged ({error}); take another one.") from error


def verify_archive(path: Path) -> Contents:
    """Read an archive to its end: every file by its SHA-256, the rows counted, every chain of the ledger followed.

    Raises
    ------
    StoreError
        Something of it is missing, changed or more than its manifest names.
    """
    hashes: dict[str, str] = {}
    rows = _RowCheck()
    manifest: dict[str, JsonValue] = {}
    with reading_archive(path) as members:
        for name, stream in members:
            if name == MANIFEST:
                manifest = json.loads(stream.read(_MAX_MANIFEST_BYTES))
            elif name.startswith(f"{STORE}/"):
                content = stream.read()
                hashes[name] = hashlib.sha256(content).hexdigest()
                rows.take(name, content)
            else:
                hashes[name] = _hash_stream(stream)
        contents = _read_manifest(path, manifest)
    _compare(path, contents, hashes, rows)
    return contents


def table_of(member: str) -> str:
    """The table whose rows a member holds."""
    return PurePosixPath(member).stem.rpartition("-")[0]


@dataclass(slots=True)
class _RowCheck:
    """Counts rows and follows the chains of the ledger."""

    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)

    def take(self, member: str, content: bytes) -> None:
        table = table_of(member)
        lines = content.splitlines()
        self.counts[table] = self.counts.get(table, 0) + len(lines)
        if table == "chain":
            for row in map(json.loads, lines):
                self.heads[row["id"]] = (row["number"], row["hash"])
        elif table == "ledger":
            for row in map(json.loads, lines):
                follower = self.followers.setdefault(row["chain"], Follower(row["chain"]))
                follower.take({**row, "at": datetime.fromisoformat(row["at"])})

    def find_fault(self) -> str | None:
        for name, follower in self.followers.items():
            found = follower.conclude(*self.heads.get(name, (0, "")))
            if found is not None:
                return f"its ledger is broken at entry {found.number} of chain {found.chain}: {found.fault}"
        missing = sorted(name for name, (number, _) in self.heads.items() if number and name not in self.followers)
        return f"its ledger lacks the chain {missing[0]}" if missing else None


def _list_members(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        parts = PurePosixPath(member.name).parts
        stream = tar.extractfile(member) if member.isreg() else None
        if stream is None or not parts or parts[0] == "/" or ".." in parts:
            raise StoreError(f"{path} holds {member.name!r}, which no backup of Pilah does; take another one.")
        yield member.name, stream


def _read_manifest(path: Path, manifest: dict[str, JsonValue]) -> Contents:
    if manifest.get("format") != FORMAT:
        found = f"has format {manifest['format']}" if manifest else "ends before its manifest"
        raise StoreError(f"{path} {found}; expected a whole backup of format {FORMAT}. Update Pilah, or take another.")
    tables, files = manifest["tables"], manifest["files"]
    if not isinstance(tables, dict) or not isinstance(files, dict):
        raise StoreError(f"{path} has a manifest that names no tables or files; take another one.")
    return Contents(
        datetime.fromisoformat(str(manifest["made_at"])),
        str(manifest["revision"]),
        {name: int(str(count)) for name, count in tables.items()},
        {name: str(digest) for name, digest in files.items()},
    )


def _compare(path: Path, contents: Contents, hashes: dict[str, str], rows: _RowCheck) -> None:
    faults = [f"{name} is missing" for name in sorted(contents.files.keys() - hashes.keys())]
    faults += [f"{name} is not named by its manifest" for name in sorted(hashes.keys() - contents.files.keys())]
    faults += [f"{name} was changed" for name, digest in hashes.items() if contents.files.get(name, digest) != digest]
    faults += [
        f"{table} has {rows.counts.get(table, 0):,} rows, {n_rows:,} were written"
        for table, n_rows in contents.tables.items()
        if rows.counts.get(table, 0) != n_rows
    ]
    fault = faults[0] if faults else rows.find_fault()
    if fault:
        raise StoreError(f"{path} cannot be trusted: {fault}. Take another backup.")


def _hash_stream(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
