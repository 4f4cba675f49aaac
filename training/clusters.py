"""Work on a dask cluster: batches go to workers in order, come back in order, and survive a worker that dies.

Workers have Pilah installed and see the bundle under the same path. Whoever reaches the scheduler can run code on the
workers, so a cluster belongs on a network of its own (docs/training.md).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from model.classifier import load_classifier
from model.errors import PilahError
from model.shipped import taxonomy_in_force
from training.tagging import Reject, Row, Tagger
from training.writers import Record

# So many batches for each thread of the cluster are on their way: enough that none waits, and no more memory.
_BATCHES_A_THREAD = 2
_CONNECTING_S = 10
_own = threading.local()


class Cluster(Protocol):
    """What is asked of a client of dask."""

    def submit(self, function: Callable[..., object], /, *arguments: object, pure: bool) -> Any:  # noqa: ANN401  # a future of dask, which has no types
        """Have a call made somewhere."""

    def nthreads(self) -> Mapping[str, int]:
        """The threads of each worker."""


class ClusterError(PilahError):
    """A cluster cannot be reached, or has no workers."""


@contextmanager
def connected(scheduler: str) -> Iterator[Any]:
    """A client of the scheduler at ``tcp://host:port``.

    Raises
    ------
    ClusterError
        Nothing answers there, or no worker is connected to it.
    """
    import distributed  # noqa: PLC0415  # half a second that only work on a cluster takes

    make: Callable[..., Any] = distributed.Client
    try:
        client = make(scheduler, timeout=_CONNECTING_S)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No dask scheduler answers at {scheduler}; start one: dask scheduler. {error}") from error
    with client:
        if not client.nthreads():
            raise ClusterError(f"The scheduler at {scheduler} has no workers; start some: dask worker {scheduler}.")
        yield client


def tag_on_cluster(
    client: Cluster, bundle: Path, batches: Iterable[Sequence[Row | Reject]]
) -> Iterator[list[Record | Reject]]:
    """Tags of each batch, in order; a batch whose worker died is given to another one."""
    folder = str(bundle.resolve())
    most = _BATCHES_A_THREAD * sum(client.nthreads().values())
    waiting = deque[Any]()
    for batch in batches:
        waiting.append(client.submit(_tag, folder, list(batch), pure=False))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _tag(folder: str, batch: Sequence[Row | Reject]) -> list[Record | Reject]:
    """Tag a batch on a worker, which loads the bundle once for each of its threads."""
    taggers: dict[str, Tagger] = _own.__dict__.setdefault("taggers", {})
    if folder not in taggers:
        taggers[folder] = Tagger(load_classifier(Path(folder), taxonomy_in_force()))
    return taggers[folder].tag(batch)
