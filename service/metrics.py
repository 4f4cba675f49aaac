"""What is counted, in the base units of Prometheus; no label grows with use.

Each service has a registry of its own, so that two in one process do not count together.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from model.prediction import Prediction

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


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
        self.waiting = Gauge("pilah_writes_waiting", "Writes that wait for their commit.", registry=self.registry)

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

    def show_bundle(self, bundle_id: str) -> None:
        """Name the bundle in force, and no other."""
        self._bundle.clear()
        self._bundle.labels(bundle_id).set(1)

    def format(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)

    def _count(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"pilah_{name}", meaning, labels, registry=self.registry)
