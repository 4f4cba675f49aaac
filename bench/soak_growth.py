"""What a process holds, looked at again and again, and whether it grows: the arithmetic of ``bench/soak.py``."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import t as student

# The first part of a run fills caches; growth is judged on the rest, in so many parts of equal length.
_WARM_SHARE = 1 / 3
_N_PARTS = 12
# Less than this a thousand reports is 100 MiB after a decade of a city with thirty reports a day.
_FLAT_MIB = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a process at a moment."""

    s: float
    n_reports: int
    rss_mib: float
    pss_mib: float
    n_files: int
    n_threads: int
    cpu_s: float
    store_bytes: int

    @classmethod
    def at(cls, process_id: int, s: float, n_reports: int, cpu_s: float, store_bytes: int) -> "Look":
        """Look at a process now."""
        place = Path(f"/proc/{process_id}")
        status = dict(line.split(":", 1) for line in (place / "status").read_text(encoding="ascii").splitlines())
        shares = (place / "smaps_rollup").read_text(encoding="ascii").splitlines()
        pss_kib = next(int(line.split()[1]) for line in shares if line.startswith("Pss:"))
        return cls(
            s=s,
            n_reports=n_reports,
            rss_mib=int(status["VmRSS"].split()[0]) / 1024,
            pss_mib=pss_kib / 1024,
            n_files=sum(1 for _ in (place / "fd").iterdir()),
            n_threads=int(status["Threads"]),
            cpu_s=cpu_s,
            store_bytes=store_bytes,
        )


@dataclass(frozen=True, slots=True)
class Growth:
    """MiB for each thousand reports, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_flat(self) -> bool:
        """Whether more than next to nothing is ruled out."""
        return self.high < _FLAT_MIB

    def describe(self) -> str:
        """In words."""
        return f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}] MiB for each 1,000 reports"


def measure_growth(looks: Sequence[Look], n_parts: int = _N_PARTS) -> Growth:
    """How memory grows from part to part.

    Memory wanders: what it is depends on what it was, so a line through all looks would have an interval that is far
    too narrow. The steps between the means of parts do not depend on each other where it wanders, and where it swings
    about a level their mean is nearer to the truth than the interval says.
    """
    size = len(looks) // n_parts
    parts = [looks[place * size : (place + 1) * size] for place in range(n_parts)]
    memory = [statistics.fmean(look.pss_mib for look in part) for part in parts]
    thousands = [statistics.fmean(look.n_reports for look in part) / 1000 for part in parts]
    steps = [
        (after - before) / (more - fewer)
        for before, after, fewer, more in zip(memory, memory[1:], thousands, thousands[1:], strict=False)
    ]
    value = statistics.fmean(steps)
    half = float(student.ppf(0.975, len(steps) - 1)) * statistics.stdev(steps) / len(steps) ** 0.5
    return Growth(value, value - half, value + half)


def print_look(looks: Sequence[Look]) -> None:
    """Print the last look, with a heading above the first."""
    look = looks[-1]
    if len(looks) == 1:
        print(f"{'minute':>7}{'reports':>9}{'RSS MiB':>9}{'PSS MiB':>9}{'files':>7}{'threads':>9}{'cores':>7}")
    cores = (look.cpu_s - looks[0].cpu_s) / (look.s - looks[0].s) if look.s > looks[0].s else 0.0
    figures = f"{look.rss_mib:9.1f}{look.pss_mib:9.1f}{look.n_files:7}{look.n_threads:9}{cores:7.2f}"
    print(f"{look.s / 60:7.1f}{look.n_reports:9,}{figures}", flush=True)


def print_growth(looks: Sequence[Look]) -> None:
    """Print how memory and store grew after the first third of a run."""
    warm = looks[int(len(looks) * _WARM_SHARE) :]
    if len(warm) < 2 * _N_PARTS:
        print("\ntoo short a run to judge growth")
        return
    first, last = warm[0], warm[-1]
    growth = measure_growth(warm)
    verdict = "flat" if growth.is_flat else "not flat"
    print(f"\nafter {first.s / 60:.1f} minutes, over {last.n_reports - first.n_reports:,} reports more: {verdict}")
    print(f"memory {growth.describe()}")
    for name, half in (("first", warm[: len(warm) // 2]), ("second", warm[len(warm) // 2 :])):
        print(f"  of its {name} half {measure_growth(half, _N_PARTS // 2).describe()}")
    files, threads = {look.n_files for look in warm}, {look.n_threads for look in warm}
    print(f"files {min(files)} to {max(files)}, threads {min(threads)} to {max(threads)}")
    per_report = (last.store_bytes - first.store_bytes) / (last.n_reports - first.n_reports)
    print(f"store {last.store_bytes / 2**20:.1f} MiB, {per_report:,.0f} bytes for each report more")
