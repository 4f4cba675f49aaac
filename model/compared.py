"""What a comparison of two bundles says about a promotion, as it stands in a file that `pilah compare` wrote.

Owns the form of that file, where a registry keeps it, and what a promotion asks of it.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from model.errors import PromotionRefusedError
from model.prediction import JsonValue
from model.registry import Registry

FORMAT = 1
_KEPT = ".compared"


@dataclass(frozen=True, slots=True)
class Compared:
    """The ids of both bundles, the SHA-256 of the file of rows, and whether the challenger may be promoted."""

    champion: str
    challenger: str
    rows_digest: str
    is_allowed: bool
    reasons: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file of a comparison.

        Raises
        ------
        PromotionRefusedError
            It cannot be read, or is no comparison of this format.
        """
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise PromotionRefusedError(
                f"{path} cannot be read as a comparison ({error}); write one with pilah compare --output."
            ) from error
        try:
            return cls._parse(content)
        except (KeyError, TypeError, ValueError) as error:
            raise PromotionRefusedError(
                f"{path} is no comparison of format {FORMAT}; write one with pilah compare --output."
            ) from error

    @classmethod
    def _parse(cls, content: Mapping[str, JsonValue]) -> Self:
        rows, allowed, reasons = content["rows"], content["allowed"], content["reasons"]
        if content["format"] != FORMAT or not isinstance(allowed, bool):
            raise ValueError(content["format"])
        if not isinstance(rows, dict) or not isinstance(reasons, list) or allowed != (not reasons):
            raise TypeError(rows)
        return cls(
            str(content["champion"]), str(content["challenger"]), str(rows["sha256"]), allowed, tuple(map(str, reasons))
        )


def kept_path(registry: Registry, challenger: str) -> Path:
    """Where a registry keeps the last comparison of a challenger."""
    return registry.folder / _KEPT / f"{challenger}.json"


def write_comparison(path: Path, content: Mapping[str, JsonValue]) -> None:
    """Write the file of a comparison: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    Path(draft).replace(path)


def require_comparison(registry: Registry, challenger: str, path: Path | None = None) -> Compared | None:
    """The comparison that lets a bundle be promoted; None where none is needed: nothing is in force, or it is already.

    Raises
    ------
    PromotionRefusedError
        There is none, it names other bundles than the champion and this one, or the gate refused the challenger.
    """
    champion = registry.champion_id()
    if champion in {None, challenger}:
        return None
    run = f"Run: pilah compare {champion} {challenger} --data LATER_ROWS.csv"
    path = path or kept_path(registry, challenger)
    if not path.exists():
        raise PromotionRefusedError(
            f"{challenger} was not compared with {champion}, which is in force. {run}; or force it with a reason."
        )
    compared = Compared.read(path)
    if (compared.champion, compared.challenger) != (champion, challenger):
        raise PromotionRefusedError(
            f"{path} compares {compared.challenger} with {compared.champion}; in force is {champion}, asked for is "
            f"{challenger}. {run}; or force it with a reason."
        )
    if not compared.is_allowed:
        raise PromotionRefusedError(
            f"The gate refused {challenger}: {'; '.join(compared.reasons)}. Mend it and train again, or force it with "
            "a reason."
        )
    return compared
