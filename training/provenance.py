"""Where a bundle comes from: digests of rows, code and lock file, and the versions that made it."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from model.prediction import JsonValue
from training.preparing import PreparedRows

_PACKAGES = ("ftfy", "joblib", "numpy", "pandas", "pilah", "scikit-learn", "scipy")
_ROOT = Path(__file__).resolve().parent.parent
_ID_CHARS = 16


def digest_rows(rows: PreparedRows) -> str:
    """SHA-256 (hex) of all that a bundle takes from its rows: ids, texts, labels, weights, reporters, days, order."""
    digest = hashlib.sha256()
    for place, (row_id, text) in enumerate(zip(rows.ids, rows.texts, strict=True)):
        labels = {head: str(rows.labels[head][place]) for head in rows.labels}
        reporter = None if rows.reporters is None else rows.reporters[place]
        also = None if rows.also is None else sorted(rows.also[place])
        digest.update(json.dumps([row_id, text, labels, also, float(rows.weights[place]), reporter]).encode())
    digest.update(json.dumps([[day.isoformat() for day in rows.days or ()], dict(rows.sources)]).encode())
    return digest.hexdigest()


def digest_code() -> str:
    """SHA-256 (hex) of the source of ``model`` and ``training``."""
    sources = sorted([*_ROOT.glob("model/**/*.py"), *_ROOT.glob("training/**/*.py")])
    return digest_files(sources)


def digest_lock() -> str:
    """SHA-256 (hex) of the lock file, or of the installed versions where none is shipped."""
    lock = _ROOT / "requirements" / "run.lock"
    if lock.is_file():
        return digest_files([lock])
    return hashlib.sha256(json.dumps(package_versions(), sort_keys=True).encode()).hexdigest()


def package_versions() -> dict[str, JsonValue]:
    """Versions of Python and of the packages whose arithmetic shapes a bundle."""
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}


def name_bundle(parts: Mapping[str, JsonValue]) -> str:
    """The id of a bundle: the first 16 hex digits of the SHA-256 of everything that determines it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_ID_CHARS]


def digest_files(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) of the names and contents of files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
