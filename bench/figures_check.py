"""Imports real history with answer times, asks the figures, and recomputes them by pandas from the file alone.

    python bench/figures_check.py ../shared/data [--bundle DIR]

Labels of the city are mapped to ours (bench/mapping). What the file does not tell (kinds, topics without a label) is
taken from `pilah export`; counts, days, deadlines and quantiles are computed anew, with numpy's working days and the
holidays of the library. Prints every difference; there must be none (exit code 1 otherwise).
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import holidays
import numpy as np
import pandas as pd
from first_day import FILES, HERE, map_labels, plural

from service import statistics as figures
from service.callers import Caller
from service.engine import open_engine, reading
from service.figures.durations import Durations
from service.statistics import Period, Question

YEAR = Period(date(2022, 1, 1), date(2022, 12, 31))
ADMIN = Caller("a", "account", "a", frozenset({"admin"}))
TODAY = date(2026, 11, 24)
DAYS_OF_KIND = {"pengaduan": 14, "pengaduan-pengawasan": 60, "permintaan-informasi": 5}
EXACT_DAYS = 65
Difference = tuple[str, object, object]


def main() -> int:
    """Print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder of the real reports")
    parser.add_argument("--bundle", type=Path, help="a bundle to tag with; one is trained without it")
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        exported = import_history(asked.shared / FILES["surabaya-2022"], folder, asked.bundle)
        rows = prepare(exported)
        print(f"{len(rows):,} reports imported")
        engine = open_engine(f"sqlite:///{folder / 'home' / 'pilah.db'}")
        with reading(engine) as connection:
            checks = list(compare_all(connection, rows))
        engine.dispose()
    wrong = [(name, ours, theirs) for name, ours, theirs in checks if not _is_same(ours, theirs)]
    print(f"{len(checks):,} figures compared, {len(wrong):,} differ")
    for name, ours, theirs in wrong[:50]:
        print(f"  {name}: {ours} here, {theirs} by pandas")
    return 1 if wrong else 0


def import_history(path: Path, folder: Path, bundle: Path | None) -> pd.DataFrame:
    """Import the file into a fresh home; what stands in the store then, with the times of the file."""
    source = pd.read_csv(path, dtype=str, keep_default_na=False)
    for head in ("agency", "topic"):
        source[head] = map_labels(source[head], HERE / "mapping" / f"surabaya-{plural(head)}.csv")
    source = source.rename(columns={"kecamatan": "district", "kelurahan": "village"})
    source.to_csv(folder / "mapped.csv", index=False)
    environment = {**os.environ, "PILAH_HOME": str(folder / "home")}
    if bundle is not None:
        environment["PILAH_BUNDLE"] = str(bundle)
    else:
        _run(environment, "train", "--promote", "--json")
    _run(environment, "import", str(folder / "mapped.csv"), "--json")
    _run(environment, "rebuild", "cases")
    _run(environment, "export", "--output", str(folder / "all.csv"), "--oversight")
    exported = pd.read_csv(folder / "all.csv", dtype=str, keep_default_na=False)
    names = ["received_at", "responded_at", "district"]
    told = source.set_index("id")[names].rename(columns={name: f"told_{name}" for name in names})
    joined = exported.join(told, on="external_id", validate="one_to_one")
    joined["agency_label"] = joined["external_id"].map(source.set_index("id")["agency"])
    joined["topic_label"] = joined["external_id"].map(source.set_index("id")["topic"])
    return joined


def _run(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pilah", *words], env=environment, check=False, capture_output=True)  # noqa: S603
    # 1: rows that cannot be used, which the import lists.
    if done.returncode not in {0, 1}:
        sys.exit(done.stderr.decode() + done.stdout.decode())


def prepare(exported: pd.DataFrame) -> pd.DataFrame:
    """What is computed from the file for each report: days, working days to the answer, deadline."""
    rows = exported.copy()
    rows["day"] = pd.to_datetime(rows["told_received_at"]).dt.normalize()
    rows["answered"] = pd.to_datetime(rows["told_responded_at"].replace("", None))
    # An answer before its question is none.
    rows.loc[rows["answered"] < pd.to_datetime(rows["told_received_at"]), "answered"] = pd.NaT
    rows["answered"] = rows["answered"].dt.normalize()
    days_off = holidays.country_holidays("ID", years=range(2021, 2028), categories=("public", "government"))
    calendar = np.busdaycalendar(holidays=np.array(sorted(days_off), dtype="datetime64[D]"))
    is_answered = rows["answered"].notna()
    start = rows["day"].to_numpy("datetime64[D]") + 1
    end = rows["answered"].fillna(rows["day"]).to_numpy("datetime64[D]") + 1
    rows["took"] = np.where(is_answered, np.busday_count(start, end, busdaycal=calendar), -1)
    allowed = rows["kind"].map(DAYS_OF_KIND)
    has_clock = allowed.notna() & is_answered
    # The n-th working day after a day off is counted from the last working day before it.
    before = np.busday_offset(rows["day"].to_numpy("datetime64[D]"), 0, roll="backward", busdaycal=calendar)
    due = np.busday_offset(before, allowed.fillna(1).astype(int), busdaycal=calendar)
    rows["due"] = pd.Series(due, index=rows.index).where(has_clock)
    rows["kept"] = (rows["answered"] <= rows["due"]).where(has_clock)
    rows["is_told"] = rows["agency_label"] != ""
    return rows


def compare_all(connection: object, rows: pd.DataFrame) -> Iterator[Difference]:
    """Each figure with its name, as asked and as computed."""
    question = Question(YEAR, TODAY)
    yield from compare_groups(figures.topics(connection, ADMIN, question), rows, "topic")
    folded = rows.assign(place=rows["told_district"].str.casefold().str.split().str.join(" "))
    yield from compare_groups(figures.districts(connection, ADMIN, question), folded, "place")
    yield from compare_units(figures.agencies(connection, ADMIN, question), rows)
    yield from compare_deadlines(figures.deadlines(connection, ADMIN, question), rows)
    for grain, rule in (("day", "D"), ("week", "W-SUN"), ("month", "M")):
        period = YEAR if grain != "day" else Period(date(2022, 1, 1), date(2022, 12, 31))
        series = figures.trends(connection, ADMIN, figures.TrendQuestion(period, grain))
        counts = rows.groupby(rows["day"].dt.to_period(rule).dt.start_time).size()
        for point in series.series[0].points:
            yield f"trend {grain} {point.day}", point.n, int(counts.get(pd.Timestamp(point.day), 0))


def compare_groups(answer: figures.Groups, rows: pd.DataFrame, column: str) -> Iterator[Difference]:
    """Topics or districts."""
    named = rows[rows[column] != ""]
    yield f"{column}: all", answer.n, len(named)
    yield f"{column}: number of groups", len(answer.groups), named[column].nunique()
    for group in answer.groups:
        own = named[named[column] == group.key]
        answered = own[own["answered"].notna()]
        name = f"{column} {group.key}"
        yield f"{name}: n", group.n, len(own)
        yield f"{name}: answered", group.n_answered, len(answered)
        yield f"{name}: open", group.n_open, len(own) - len(answered)
        judged = named[(named[column] == group.key) & (named["due"] >= "2022-01-01") & (named["due"] < "2023-01-01")]
        yield f"{name}: judged", group.kept.n, int(judged["kept"].notna().sum())
        yield f"{name}: kept", group.kept.k, int(judged["kept"].fillna(value=False).sum())
        yield from compare_durations(f"{name}: answer", group.answer, answered["took"])


def compare_units(answer: figures.Units, rows: pd.DataFrame) -> Iterator[Difference]:
    """Agencies: what people's labels of the file say lies there."""
    told = rows[rows["is_told"]]
    for unit in answer.units:
        own = told[told["agency_label"] == unit.agency]
        answered = own[own["answered"].notna()]
        yield f"agency {unit.agency}: n", unit.n, len(own)
        yield f"agency {unit.agency}: answered", unit.n_answered, len(answered)
        judged = own[(own["due"] >= "2022-01-01") & (own["due"] < "2023-01-01")]
        yield f"agency {unit.agency}: judged", unit.kept.n, int(judged["kept"].notna().sum())
        yield f"agency {unit.agency}: kept", unit.kept.k, int(judged["kept"].fillna(value=False).sum())
        yield f"agency {unit.agency}: interval", *_wilson(unit.kept)
        yield from compare_durations(f"agency {unit.agency}: stint", unit.stint, answered["took"])


def compare_deadlines(answer: figures.Deadlines, rows: pd.DataFrame) -> Iterator[Difference]:
    """Deadlines by kind."""
    judged = rows[(rows["due"] >= "2022-01-01") & (rows["due"] < "2023-01-01")]
    yield "deadlines: judged", answer.whole.kept.n, len(judged)
    yield "deadlines: kept", answer.whole.kept.k, int(judged["kept"].sum())
    for one in answer.kinds:
        own = judged[judged["kind"] == one.kind]
        yield f"deadlines {one.kind}: judged", one.kept.n, len(own)
        yield f"deadlines {one.kind}: kept", one.kept.k, int(own["kept"].sum())


def compare_durations(name: str, durations: Durations | None, took: pd.Series) -> Iterator[Difference]:
    """Median and 90th percentile, of reports that all ended by an answer."""
    yield f"{name}: n", durations.n if durations else 0, len(took)
    if durations is None or not durations.enough:
        return
    rounded = np.sort(took.where(took <= EXACT_DAYS, EXACT_DAYS + (took - EXACT_DAYS - 1) // 10 * 10 + 5))
    for share, quantile in ((0.5, durations.median), (0.9, durations.ninetieth)):
        place = int(np.ceil(share * len(rounded) - 1e-9)) - 1
        yield f"{name}: quantile {share}", quantile.value if quantile else None, int(rounded[place])


def _wilson(rate: object) -> tuple[object, object]:
    """The interval as told, and by the formula."""
    if not rate.enough:
        return None, None
    z, k, n = 1.959963984540054, rate.k, rate.n
    middle, half = (k + z * z / 2) / (n + z * z), z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return (round(rate.low, 9), round(rate.high, 9)), (round(middle - half, 9), round(middle + half, 9))


def _is_same(ours: object, theirs: object) -> bool:
    return bool(ours == theirs)


if __name__ == "__main__":
    sys.exit(main())
