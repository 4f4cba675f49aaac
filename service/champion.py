"""The bundle that answers now; another one that is promoted takes over without a restart.

Every process looks at the pointer of the registry and loads what it names; until a bundle is whole and verified, and
when it is not, the one before goes on answering. Each takeover has its entry in the ledger.
"""

import asyncio
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


class Champion:
    """Holds the bundle in use; `follow` changes it for the one that is promoted."""

    def __init__(self, settings: Settings, taxonomy: Taxonomy, metrics: Metrics, log: Log) -> None:
        self._settings = settings
        self._taxonomy = taxonomy
        self._metrics = metrics
        self._log = log
        self._refused: str | None = None
        self.serving = self._load(find_bundle(settings))
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
            if promoted in {None, self.bundle_id, self._refused}:
                return None
            serving = await asyncio.to_thread(self._load, registry_of(self._settings).champion_path())
        except PilahError as error:
            self._refuse(promoted, error)
            return None
        self.serving, self._refused = serving, None
        self._metrics.show_bundle(self.bundle_id)
        self._log.info("bundle adopted", bundle=self.bundle_id)
        return self.bundle_id

    def check(self, folder: Path) -> None:
        """Load a bundle as it would be served, and let it go.

        Raises
        ------
        BundleError
            It cannot be served; says why.
        """
        self._load(folder)

    def _load(self, folder: Path) -> Serving:
        classifier = load_classifier(folder, self._taxonomy)
        _check_labels(classifier)
        external = self._taxonomy.external_agencies()
        return Serving(classifier, Router(classifier.gazetteer, external, self._settings.triage_office))

    def _refuse(self, bundle_id: str | None, error: PilahError) -> None:
        """Say once that a bundle cannot be used; it is tried again when another one was promoted between."""
        self._refused = bundle_id
        self._log.error("bundle refused", bundle=bundle_id, reason=str(error), serving=self.bundle_id)


def describe_adoption(bundle_id: str) -> Entry:
    """The entry of a process that begins to answer with a bundle."""
    return Entry(ADOPTED, datetime.now(UTC), SYSTEM, bundle=bundle_id)


def _check_labels(classifier: Classifier) -> None:
    """Refuse labels of a file (`open_labels`) that the columns of the store cannot hold."""
    for head in classifier.heads:
        for label in head.labels:
            if len(label) > MAX_LABEL_CHARS:
                raise BundleError(
                    f"Bundle {classifier.bundle_id} has for {head.name} the label {label[:MAX_LABEL_CHARS]!r}… of "
                    f"{len(label)} characters; a store keeps up to {MAX_LABEL_CHARS}. Shorten it and train again."
                )
