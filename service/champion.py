"""The bundle that answers now; another one that is promoted takes over without a restart.

Every process looks at the pointer of the registry and loads what it names; until a bundle is whole and verified, and
when it is not, the one before goes on answering. Each takeover has its entry in the ledger.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from model.classifier import Classifier, load_classifier
from model.errors import BundleError, PilahError
from model.registry import Registry
from model.taxonomy import Taxonomy
from service.ledger.entries import SYSTEM, Entry
from service.logs import Log
from service.metrics import Metrics
from service.routing import Router
from service.settings import Settings

ADOPTED = "model.adopted"
FOLLOWING_PAUSE_S = 1.0
# A bundle that could not be used is tried again after so long: whoever mends its files need not promote it anew.
RETRYING_PAUSE_S = 60.0
# As the tables have it.
MAX_LABEL_CHARS = 80


def find_bundle(settings: Settings) -> Path:
    """The bundle to serve: the one set, or the champion of the home.

    Raises
    ------
    BundleError
        There is none.
    """
    return settings.bundle if settings.bundle is not None else registry_of(settings).champion_path()


def registry_of(settings: Settings) -> Registry:
    """The bundles of an installation."""
    return Registry(settings.home / "bundles")


@dataclass(frozen=True, slots=True)
class Serving:
    """A bundle in use: what tags, and what makes routes of it."""

    classifier: Classifier
    router: Router


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A bundle that could not be used, why, and until when it is left alone (by the monotonic clock)."""

    bundle_id: str | None
    reason: str
    until: float


class Champion:
    """Holds the bundle in use; `follow` changes it for the one that is promoted.

    At a start with a champion that cannot be used, the last one before it that can answers until it is mended.
    """

    def __init__(self, settings: Settings, taxonomy: Taxonomy, metrics: Metrics, log: Log) -> None:
        self._settings = settings
        self._taxonomy = taxonomy
        self._metrics = metrics
        self._log = log
        self._refusal: _Refusal | None = None
        self.serving = self._load_first()
        metrics.show_bundle(self.serving.classifier.bundle_id)

    @property
    def bundle_id(self) -> str:
        """Id of the bundle in use."""
        return self.serving.classifier.bundle_id

    async def follow(self) -> str | None:
        """Take over what was promoted since; its id, None where nothing changed or it cannot be used."""
        if self._settings.bundle is not None:
            return None
        promoted = None
        try:
            promoted = registry_of(self._settings).champion_id()
            if promoted in {None, self.bundle_id} or self._is_left_alone(promoted):
                return None
            serving = await asyncio.to_thread(self.load, registry_of(self._settings).champion_path())
        except PilahError as error:
            self._refuse(promoted, error, self.bundle_id)
            return None
        self.serving, self._refusal = serving, None
        self._metrics.show_bundle(self.bundle_id)
        self._log.info("bundle adopted", bundle=self.bundle_id)
        return self.bundle_id

    def load(self, folder: Path) -> Serving:
        """A bundle as it would be served; the one in use goes on answering.

        Raises
        ------
        BundleError
            It cannot be served; says why.
        """
        classifier = load_classifier(folder, self._taxonomy)
        _check_labels(classifier)
        external = self._taxonomy.external_agencies()
        return Serving(classifier, Router(classifier.gazetteer, external, self._settings.triage_office))

    def _load_first(self) -> Serving:
        folder = find_bundle(self._settings)
        try:
            return self.load(folder)
        except BundleError as error:
            if self._settings.bundle is not None:
                raise
            serving = self._load_one_before()
            if serving is None:
                raise
            self._refuse(folder.name, error, serving.classifier.bundle_id)
            return serving

    def _load_one_before(self) -> Serving | None:
        registry = registry_of(self._settings)
        for bundle_id in registry.list_before():
            with suppress(BundleError):
                return self.load(registry.path_of(bundle_id))
        return None

    def _is_left_alone(self, bundle_id: str | None) -> bool:
        refusal = self._refusal
        return refusal is not None and refusal.bundle_id == bundle_id and time.monotonic() < refusal.until

    def _refuse(self, bundle_id: str | None, error: PilahError, serving: str) -> None:
        """Leave a bundle alone for a while, and say why once."""
        before, reason = self._refusal, str(error)
        self._refusal = _Refusal(bundle_id, reason, time.monotonic() + RETRYING_PAUSE_S)
        if before is None or (before.bundle_id, before.reason) != (bundle_id, reason):
            self._log.error("bundle refused", bundle=bundle_id, reason=reason, serving=serving)


def describe_adoption(bundle_id: str, at: datetime | None = None) -> Entry:
    """The entry of a process that begins to answer with a bundle: now, or at an instant of the past."""
    return Entry(ADOPTED, at or datetime.now(UTC), SYSTEM, bundle=bundle_id)


def _check_labels(classifier: Classifier) -> None:
    """Refuse labels of a file (`open_labels`) that the columns of the store cannot hold."""
    for head in classifier.heads:
        for label in head.labels:
            if len(label) > MAX_LABEL_CHARS:
                raise BundleError(
                    f"Bundle {classifier.bundle_id} has for {head.name} the label {label[:MAX_LABEL_CHARS]!r}… of "
                    f"{len(label)} characters; a store keeps up to {MAX_LABEL_CHARS}. Shorten it and train again."
                )
