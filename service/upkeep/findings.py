"""What one look at an installation found, and what to do when it is not well."""

from dataclasses import dataclass
from typing import Literal

from model.prediction import JsonValue

Verdict = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found, and what to do when it is not well."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """The finding for a program."""
        return {"name": self.name, "verdict": self.verdict, "found": self.found, "advice": self.advice}
