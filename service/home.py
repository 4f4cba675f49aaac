"""The home folder: one place to copy, holding bundles, store and the secret that makes references opaque.

Owns the files that only the operator may read (mode 0600). Never logs or prints what they hold.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from service.errors import StoreError

SECRET_FILE = "secret"  # noqa: S105  # the name of the file
FIRST_KEY_FILE = "first-admin-key.txt"
_USE_FILE = "in-use.lock"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Turns what must not be kept (references, bodies) into digests that only this installation can make."""

    content: bytes

    def digest(self, purpose: str, value: str | bytes) -> str:
        """HMAC-SHA256 (hex) of ``value``; the same value gives unlike digests for unlike purposes."""
        raw = value if isinstance(value, bytes) else value.encode()
        return hmac.new(self.content, purpose.encode() + b"\0" + raw, hashlib.sha256).hexdigest()


def open_home(home: Path) -> Secret:
    """Make the home if it is not there and read its secret, which the first call makes.

    Raises
    ------
    StoreError
        The folder or the secret cannot be made or read.
    """
    path = home / SECRET_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_private(path, secrets.token_bytes(_SECRET_BYTES).hex() + "\n")
    except OSError as error:
        raise _refuse(error) from error
    return read_secret(path)


@contextmanager
def using_home(home: Path) -> Iterator[None]:
    """Mark a home as in use by this process; several may use one at once, and a process that dies uses none."""
    with (home / _USE_FILE).open("a") as lock:
        # A disk without locks cannot say so, and is no reason not to serve.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def is_in_use(home: Path) -> bool:
    """Whether a process that runs uses a home."""
    path = home / _USE_FILE
    if not path.exists():
        return False
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def read_secret(path: Path) -> Secret:
    """Read a secret; errors as `open_home`."""
    try:
        content = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise _refuse(error) from error
    except ValueError as error:
        raise StoreError(f"{path} is not what Pilah wrote; put the copy of your backup back.") from error
    if len(content) < _SECRET_BYTES:
        raise StoreError(f"{path} is cut short; put the copy of your backup back.")
    return Secret(content)


def _refuse(error: OSError) -> StoreError:
    return StoreError(f"{error.filename}: {error.strerror}. Set PILAH_HOME to a folder you may write in.")


def write_private(path: Path, content: str, *, replace: bool = False) -> None:
    """Write a file that only its owner can read; one that is there already stays unless it is to be replaced."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if replace:
            draft.replace(path)
        else:
            # A link never replaces: of two processes that start together, the second reads what the first wrote.
            with suppress(FileExistsError):
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
