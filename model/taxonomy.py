"""The labels of the five heads, read from the CSV files of a taxonomy folder, and the rules they must keep.

A label is known by its slug, which never changes its meaning; names may. Nothing here knows about texts.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from model.errors import DatasetError

HEADS = ("kind", "agency", "topic", "urgency", "aspect")
FILE_OF_HEAD = {
    "kind": "kinds.csv",
    "agency": "agencies.csv",
    "topic": "topics.csv",
    "urgency": "urgency.csv",
    "aspect": "aspects.csv",
}
VERSION_FILE = "VERSION"
# The aspect of a report in which no service was given, or none failed; labelled rows leave the cell empty.
NO_ELEMENT = "tidak-ada"
_REQUIRED_COLUMNS = {
    "kind": ("deadline_working_days", "needs_routing"),
    "agency": ("scope", "duties_id", "valid_from", "valid_to", "merged_into", "verified"),
    "topic": ("group", "lapor_category"),
    "urgency": ("rank", "response_goal_hours"),
    "aspect": ("skm_element",),
}


@dataclass(frozen=True, slots=True)
class Label:
    """One value of a head: ``slug`` for programs, ``name`` for people, and the further columns of its file.

    ``valid_from`` and ``valid_to`` are the days on which the label may be given, both inclusive, None where open;
    ``merged_into`` is the slug that took its duties over; ``is_verified`` is False while the city has not confirmed
    the unit.
    """

    slug: str
    name: str
    details: Mapping[str, str]
    valid_from: date | None = None
    valid_to: date | None = None
    merged_into: str | None = None
    is_verified: bool = True

    def is_valid_on(self, day: date) -> bool:
        """Whether the label may be given on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The labels of every head in the order of their files.

    ``version`` is the city's own name for it, ``digest`` the SHA-256 (hex) of its files.
    """

    version: str
    digest: str
    heads: Mapping[str, Mapping[str, Label]]

    def slugs(self, head: str) -> tuple[str, ...]:
        """The slugs of a head, in the order of its file."""
        return tuple(self.heads[head])

    def name(self, head: str, slug: str) -> str:
        """The name for people; the slug itself where the taxonomy does not know it."""
        label = self.heads.get(head, {}).get(slug)
        return label.name if label else slug

    def follow(self, head: str, slug: str, day: date) -> str | None:
        """The label that stands on ``day`` for one given earlier: itself, or the last of those it was merged into.

        None where it ended without a successor, or the taxonomy does not know it.
        """
        labels = self.heads[head]
        label = labels.get(slug)
        while label is not None and label.valid_to is not None and label.valid_to < day:
            label = labels.get(label.merged_into) if label.merged_into is not None else None
        return label.slug if label is not None else None

    def external_agencies(self) -> tuple[str, ...]:
        """Slugs of the agencies that are not the city's own."""
        return tuple(slug for slug, label in self.heads["agency"].items() if label.details.get("scope") == "external")

    def unverified(self) -> tuple[str, ...]:
        """Slugs of the agencies that the city has not confirmed yet."""
        return tuple(slug for slug, label in self.heads["agency"].items() if not label.is_verified)


def read_taxonomy(folder: Path) -> Taxonomy:
    """Read and check the taxonomy in ``folder``.

    Raises
    ------
    DatasetError
        A file or column is missing, or a rule of `check_taxonomy` is broken; every finding is listed.
    """
    digest = hashlib.sha256()
    heads = {}
    for head in HEADS:
        path = folder / FILE_OF_HEAD[head]
        content = _read_bytes(path)
        digest.update(head.encode() + b"\0" + content)
        heads[head] = _parse_labels(head, path, content.decode("utf-8-sig"))
    version = _read_bytes(folder / VERSION_FILE).decode().strip()
    taxonomy = Taxonomy(version, digest.hexdigest(), heads)
    findings = check_taxonomy(taxonomy)
    if findings:
        raise DatasetError(f"The taxonomy in {folder} breaks its rules; mend the files:\n" + "\n".join(findings))
    return taxonomy


def check_taxonomy(taxonomy: Taxonomy) -> list[str]:
    """Findings about dates, mergers and categories that do not fit together; empty when all is well."""
    return [
        *(finding for head in HEADS for finding in _check_mergers(FILE_OF_HEAD[head], taxonomy.heads[head])),
        *(
            f"topics.csv: {slug}: has no lapor_category; name the SP4N-LAPOR! category it is reported under"
            for slug, label in taxonomy.heads["topic"].items()
            if not label.details["lapor_category"].strip()
        ),
        *_check_ranks(taxonomy.heads["urgency"].values()),
    ]


def _check_mergers(file: str, labels: Mapping[str, Label]) -> list[str]:
    findings = []
    for slug, label in labels.items():
        if label.valid_from and label.valid_to and label.valid_to < label.valid_from:
            findings.append(f"{file}: {slug}: valid_to {label.valid_to} lies before valid_from {label.valid_from}")
        if label.merged_into is None:
            continue
        if label.valid_to is None:
            findings.append(f"{file}: {slug}: merged_into {label.merged_into} but has no valid_to")
        if label.merged_into not in labels:
            findings.append(f"{file}: {slug}: merged_into {label.merged_into}, which is no label there")
        elif _merges_into_itself(slug, labels):
            findings.append(f"{file}: {slug}: its mergers lead back to itself")
    return findings


def _merges_into_itself(slug: str, labels: Mapping[str, Label]) -> bool:
    seen = set()
    current: str | None = slug
    while current is not None and current in labels:
        if current in seen:
            return True
        seen.add(current)
        current = labels[current].merged_into
    return False


def _check_ranks(levels: Iterable[Label]) -> list[str]:
    ranks = [label.details["rank"] for label in levels]
    expected = [str(rank) for rank in range(len(ranks))]
    return [] if ranks == expected else [f"urgency.csv: ranks are {ranks}, expected {expected} from mild to grave"]


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(f"{path} is missing; a taxonomy needs it.") from error


def _parse_labels(head: str, path: Path, content: str) -> dict[str, Label]:
    reader = csv.DictReader(content.splitlines())
    missing = [name for name in ("slug", "name_id", *_REQUIRED_COLUMNS[head]) if name not in (reader.fieldnames or ())]
    if missing:
        raise DatasetError(f"{path}: column {', '.join(missing)} is missing from the header.")
    labels: dict[str, Label] = {}
    for number, row in enumerate(reader, start=2):
        label = _parse_label(path, number, row)
        if label.slug in labels:
            raise DatasetError(f"{path}, line {number}: the slug {label.slug!r} stands twice; each may stand once.")
        labels[label.slug] = label
    if not labels:
        raise DatasetError(f"{path}: no label; at least one is needed.")
    return labels


def _parse_label(path: Path, number: int, row: Mapping[str, str]) -> Label:
    slug = row["slug"]
    if not slug or not slug.isascii() or slug != slug.lower() or not slug.replace("-", "").isalnum():
        raise DatasetError(f"{path}, line {number}: {slug!r} is no slug; use lower-case letters, digits and hyphens.")
    return Label(
        slug=slug,
        name=row["name_id"],
        details=dict(row),
        valid_from=_parse_day(path, number, row.get("valid_from")),
        valid_to=_parse_day(path, number, row.get("valid_to")),
        merged_into=row.get("merged_into") or None,
        is_verified=row.get("verified", "true") == "true",
    )


def _parse_day(path: Path, number: int, value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise DatasetError(f"{path}, line {number}: {value!r} is no day; write it as 2026-01-31.") from error
