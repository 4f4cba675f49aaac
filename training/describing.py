"""What a bundle says about itself: written into the manifest, and read from it by the model card and the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from model.bundle import Manifest
from model.errors import BundleCorruptError
from model.prediction import JsonValue
from model.taxonomy import Taxonomy
from model.thresholds import Thresholds, read_thresholds
from training.config import TrainingConfig, parse_config
from training.preparing import PreparedRows, count_labels
from training.provenance import digest_code, digest_lock, digest_rows, name_bundle, package_versions

# Upper ends of the steps in which the lengths of texts are counted; longer ones make a last step.
LENGTH_STEPS = (5, 10, 20, 40, 80, 160, 320)
# Fewer later rows tell hardly more than whether a head is right more often than not.
FEWEST_CALIBRATED = 100


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """A head: rows of each label it learnt and of each it left out, most frequent first, and of its calibration."""

    name: str
    n_rows: Mapping[str, int]
    left_out: Mapping[str, int]
    n_calibrated: int


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What the manifest of a bundle says, typed.

    ``days`` are the first and last day of arrival of the rows; ``sources`` the rows of each source that was named;
    ``lengths`` the rows in each step of ``LENGTH_STEPS`` (and beyond); ``taxonomy`` version and digest, None where
    the labels are the data's own; ``unverified`` the slugs of its agencies that the city has not confirmed;
    ``thresholds`` those of the bundle, none where it was made before there were any.
    """

    bundle_id: str
    n_rows: int
    digest: str
    days: tuple[date, date] | None
    sources: Mapping[str, int]
    lengths: tuple[int, ...]
    taxonomy: tuple[str, str] | None
    unverified: tuple[str, ...]
    heads: tuple[HeadFacts, ...]
    config: TrainingConfig
    code: str
    lock: str
    packages: Mapping[str, str]
    thresholds: Thresholds = field(default_factory=Thresholds)


def describe(
    rows: PreparedRows,
    labels: Mapping[str, Sequence[str]],
    n_calibrated: Mapping[str, int],
    config: TrainingConfig,
    taxonomy: Taxonomy | None,
) -> Manifest:
    """The manifest of a bundle but for its files: ``labels`` and ``n_calibrated`` (rows) by head, in column order."""
    dataset = _describe_rows(rows)
    origin: Manifest = {
        "dataset": {"digest": dataset["digest"], "n_rows": dataset["n_rows"]},
        "config": config.to_json(),
        "code": digest_code(),
        "lock": digest_lock(),
        "taxonomy": None if taxonomy is None else {"version": taxonomy.version, "digest": taxonomy.digest},
    }
    heads: list[JsonValue] = [
        {
            "name": head,
            "labels": list(known),
            "n_rows": dict(count_labels(rows.labels[head])),
            "left_out": dict(rows.left_out[head]),
            "n_calibrated": n_calibrated[head],
        }
        for head, known in labels.items()
    ]
    agencies = labels.get("agency", ())
    unverified: list[JsonValue] = [slug for slug in (taxonomy.unverified() if taxonomy else ()) if slug in agencies]
    return {
        "bundle": name_bundle(origin),
        **origin,
        "dataset": dataset,
        "unverified": unverified,
        "packages": package_versions(),
        "heads": heads,
    }


def list_uncertain(manifest: Manifest) -> dict[str, int]:
    """Heads whose curve was fitted on fewer than ``FEWEST_CALIBRATED`` later rows, and on how many."""
    heads = manifest["heads"]
    listed = [head for head in heads if isinstance(head, dict)] if isinstance(heads, list) else []
    n_rows = {str(head["name"]): head.get("n_calibrated") for head in listed}
    return {head: n for head, n in n_rows.items() if isinstance(n, int) and n < FEWEST_CALIBRATED}


def _describe_rows(rows: PreparedRows) -> Manifest:
    first, last = (day.isoformat() for day in rows.days) if rows.days else (None, None)
    return {
        "digest": digest_rows(rows),
        "n_rows": len(rows.ids),
        "first_day": first,
        "last_day": last,
        "sources": dict(rows.sources),
        "lengths": list(count_lengths([len(forms) for forms in rows.forms])),
    }


def count_lengths(n_tokens: Sequence[int]) -> tuple[int, ...]:
    """Texts in each step of ``LENGTH_STEPS``, and beyond the last."""
    steps = np.searchsorted(LENGTH_STEPS, n_tokens)
    return tuple(int(count) for count in np.bincount(steps, minlength=len(LENGTH_STEPS) + 1))


def read_facts(manifest: Mapping[str, JsonValue]) -> BundleFacts:
    """The manifest as facts.

    Raises
    ------
    BundleCorruptError
        A field is missing or not of its type.
    """
    try:
        return _read_facts(manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleCorruptError(
            f"The manifest of bundle {manifest.get('bundle')} lacks {error}; train again."
        ) from error


def _read_facts(manifest: Mapping[str, JsonValue]) -> BundleFacts:
    dataset = _object(manifest["dataset"])
    taxonomy = manifest["taxonomy"]
    first, last = dataset["first_day"], dataset["last_day"]
    return BundleFacts(
        bundle_id=str(manifest["bundle"]),
        n_rows=_number(dataset["n_rows"]),
        digest=str(dataset["digest"]),
        days=(date.fromisoformat(str(first)), date.fromisoformat(str(last))) if first and last else None,
        sources=_numbers(dataset["sources"]),
        lengths=tuple(_number(count) for count in _list(dataset["lengths"])),
        taxonomy=None if taxonomy is None else (str(_object(taxonomy)["version"]), str(_object(taxonomy)["digest"])),
        unverified=tuple(str(slug) for slug in _list(manifest["unverified"])),
        heads=tuple(_read_head(_object(head)) for head in _list(manifest["heads"])),
        config=parse_config(_object(manifest["config"]), "manifest.json"),
        code=str(manifest["code"]),
        lock=str(manifest["lock"]),
        packages={name: str(version) for name, version in _object(manifest["packages"]).items()},
        thresholds=read_thresholds(manifest["thresholds"]) if "thresholds" in manifest else Thresholds(),
    )


def _read_head(head: Mapping[str, JsonValue]) -> HeadFacts:
    return HeadFacts(
        str(head["name"]), _numbers(head["n_rows"]), _numbers(head["left_out"]), _number(head["n_calibrated"])
    )


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise TypeError(f"an object where it has {value!r}")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError(f"a list where it has {value!r}")
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a number where it has {value!r}")
    return value


def _numbers(value: JsonValue) -> dict[str, int]:
    """Numbers by name, largest first: the manifest keeps its keys in alphabetical order."""
    counts = {name: _number(count) for name, count in _object(value).items()}
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
