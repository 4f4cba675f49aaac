import csv
import os
import signal

import pytest

from training.bulk import classify_file
from training.clusters import ClusterError, connected, tag_on_cluster
from training.progress import Silence

pytestmark = pytest.mark.long


@pytest.fixture
def cluster():
    from distributed import LocalCluster  # noqa: PLC0415  # half a second that only these tests take

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def rows(tmp_path):
    """A file in which some rows cannot be tagged."""
    path = tmp_path / "rows.csv"
    words = ("lubang di jalan", "lampu mati", "antre dokter", "parkir motor")
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["id", "text"])
        for number in range(30_000):
            text = "" if number % 997 == 5 else f"{words[number % 4]} nomor {number}"
            lines.writerow([f"r{number}", text])
    return path


def test_a_cluster_gives_the_same_file_though_a_worker_is_killed(trained, classifier, cluster, rows, tmp_path):
    alone = classify_file(classifier, rows, tmp_path / "alone.csv", {}, Silence())
    with connected(cluster.scheduler_address) as client:
        process_ids = list(client.run(os.getpid).values())
        assert len(set(process_ids)) == 2

        def tag(batches):
            for number, tagged in enumerate(tag_on_cluster(client, trained.folder, batches)):
                if number == 3:
                    os.kill(process_ids[0], signal.SIGKILL)
                yield tagged

        together = classify_file(classifier, rows, tmp_path / "together.csv", {}, Silence(), tag)
    assert (together.n_rows, together.n_rejected) == (alone.n_rows, alone.n_rejected)
    assert together.n_rejected > 0
    for name in ("{}.csv", "{}.csv.rejects.csv"):
        same = [(tmp_path / name.format(which)).read_bytes() for which in ("alone", "together")]
        assert same[0] == same[1]


def test_where_no_scheduler_answers_the_way_out_is_said():
    with pytest.raises(ClusterError, match="dask scheduler"), connected("tcp://127.0.0.1:9"):
        pass
