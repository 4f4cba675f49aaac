"""What is counted, in the base units of Prometheus; no label grows with use.

Each service has a registry of its own, so that two in one process do not count together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from model.prediction import Prediction

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_WRITES = (1, 2, 5, 10, 25, 50, 100, 250)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in the store at an instant; ``lag`` in entries of the ledger, ``deliveries`` by state."""

    at: datetime
    lag: Mapping[str, int]
    deliveries: Mapping[str, int]
    n_emergencies: int
    n_overdue: int
    n_restricted: int
    oldest_restricted_at: datetime | None
    free_bytes: int


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = self._count(
            "requests", "Answered requests by route template, method and class of status.", "route", "method", "status"
        )
        self._seconds = Histogram(
            "pilah_request_duration_seconds",
            "Time from the request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._predictions = self._count("predictions", "Predicted heads by decision.", "head", "decision")
        self._stored = self._count("feedback_stored", "Reports stored.")
        self._store_errors = self._count("store_errors", "Requests refused since the store was busy or away.", "reason")
        self._logins = self._count("logins", "Attempts to log in by how they ended.", "outcome")
        self._deliveries = self._count(
            "deliveries", "Tries to deliver a message, by target and the state of the delivery.", "target", "state"
        )
        self._bundle = Gauge(
            "pilah_bundle_info", "The bundle in force, as a label.", ["bundle"], registry=self.registry
        )
        self.waiting = self._gauge("writes_waiting", "Writes that wait for their commit.")
        self._commit_seconds = self._measure(
            "commit_duration_seconds", "Time of a transaction of the writer to the end of its commit.", _SECONDS
        )
        self._commit_writes = self._measure("commit_writes", "Writes that went into one commit.", _WRITES)
        self._chore_failures = self._count("chore_failures", "Rounds of chores that failed.", "chore")
        self._of_store = _OfStore(self._gauge)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(seconds)

    def count_prediction(self, prediction: Prediction) -> None:
        """Count what the heads of one prediction decided."""
        for head, answer in prediction.heads.items():
            self._predictions.labels(head, answer.decision).inc()

    def count_stored(self) -> None:
        """Count a report that was stored for the first time."""
        self._stored.inc()

    def count_store_error(self, reason: str) -> None:
        """Count a request refused for the store; ``reason`` is "busy" or "unavailable"."""
        self._store_errors.labels(reason).inc()

    def count_login(self, outcome: str) -> None:
        """Count an attempt to log in; ``outcome`` is "accepted", "refused" or "locked"."""
        self._logins.labels(outcome).inc()

    def count_delivery(self, target: str, state: str) -> None:
        """Count a try; ``target`` is "webhook" or "mail"."""
        self._deliveries.labels(target, state).inc()

    def observe_commit(self, n_writes: int, seconds: float) -> None:
        """Count a transaction of the writer."""
        self._commit_writes.observe(n_writes)
        self._commit_seconds.observe(seconds)

    def expect_chore(self, name: str) -> None:
        """Show a chore before it fails, so that its first failure is a rise."""
        self._chore_failures.labels(name)

    def count_chore_failure(self, name: str) -> None:
        """Count a round of a chore that failed."""
        self._chore_failures.labels(name).inc()

    def show_figures(self, figures: Figures) -> None:
        """Show what was counted in the store."""
        self._of_store.show(figures)

    def show_bundle(self, bundle_id: str) -> None:
        """Name the bundle in force, and no other."""
        self._bundle.clear()
        self._bundle.labels(bundle_id).set(1)

    def format(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)

    def _count(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"pilah_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"pilah_{name}", meaning, labels, registry=self.registry)

    def _measure(self, name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"pilah_{name}", meaning, buckets=buckets, registry=self.registry)


class _OfStore:
    """The gauges of what is counted in the store now and then."""

    def __init__(self, gauge: Callable[..., Gauge]) -> None:
        self._lag = gauge("derivation_lag_entries", "Entries of the ledger not derived yet.", "derivation")
        self._deliveries = gauge("deliveries_open", "Deliveries that wait, or were given up.", "state")
        self._emergencies = gauge("emergencies_open", "Emergencies that nobody has acknowledged.")
        self._overdue = gauge("feedback_overdue", "Open reports whose clock has run out.")
        self._restricted = gauge(
            "feedback_restricted", "Reports that are shut away and wait for somebody with oversight."
        )
        self._oldest = gauge(
            "feedback_restricted_age_seconds", "How long the oldest of them has waited; 0 without any."
        )
        self._free = gauge("home_free_bytes", "Room on the disk of the home.")
        self._refreshed = gauge(
            "figures_refreshed_timestamp_seconds", "When all that is counted in the store was counted, lag to room."
        )

    def show(self, figures: Figures) -> None:
        """Show what was counted."""
        for name, n_entries in figures.lag.items():
            self._lag.labels(name).set(n_entries)
        for state, n_deliveries in figures.deliveries.items():
            self._deliveries.labels(state).set(n_deliveries)
        self._emergencies.set(figures.n_emergencies)
        self._overdue.set(figures.n_overdue)
        self._restricted.set(figures.n_restricted)
        oldest_at = figures.oldest_restricted_at
        self._oldest.set((figures.at - oldest_at).total_seconds() if oldest_at is not None else 0)
        self._free.set(figures.free_bytes)
        self._refreshed.set(figures.at.timestamp())
