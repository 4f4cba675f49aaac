"""Makes synthetic cases and stints, and the cells over them by DuckDB, for stores of millions.

The cells of the service are counted case by case; here whole columns are grouped. A test holds both equal.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain, groupby
from operator import itemgetter

import duckdb
import numpy as np
import pandas as pd
from bulk_cells import OUTCOMES, list_cells

from model.shipped import taxonomy_in_force
from service.cases.sheets import LENGTHS, MIXES, N_BINS, code_stratum

FIRST = date(2023, 10, 1)
N_DAYS = 1_096
BUNDLES = tuple(f"bundle-{number}" for number in range(6))
N_DISTRICTS = 30
AT_ONCE = 200_000


def make_cases(n: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """So many cases of three years, with their stints; columns as in the store."""
    draw = np.random.default_rng(seed)
    heads = {head: [slug for slug in labels if slug] for head, labels in taxonomy_in_force().heads.items()}
    day = _draw_days(n, draw)
    topic = _zipf(len(heads["topic"]), n, draw)
    # As in the real reports of a city: 96 of 100 of a topic lie with one agency, nearly all others with three more.
    astray = np.where(draw.random(n) < 0.05, draw.integers(0, len(heads["agency"]), n), draw.integers(1, 4, n))
    agency = (topic * 7 + np.where(draw.random(n) < 0.96, 0, astray)) % len(heads["agency"])
    kind = draw.choice(len(heads["kind"]), n, p=_share(len(heads["kind"])))
    outcome = draw.choice(5, n, p=[0.0, 0.84, 0.06, 0.08, 0.02])
    age = (date(2026, 9, 30) - FIRST).days - day
    took = np.minimum(draw.gamma(1.2, 9, n).astype(int), 400)
    outcome[took > age] = 0
    ended = outcome > 0
    due = day + 20
    days = pd.to_datetime(FIRST) + pd.to_timedelta(day, unit="D")
    restriction = draw.choice(["", "oversight", "admin"], n, p=[0.978, 0.02, 0.002])
    misrouted = draw.random(n) < 0.07
    reopened = draw.random(n) < 0.03
    due_day = pd.Series(pd.to_datetime(FIRST) + pd.to_timedelta(due, unit="D"))
    parts = [np.where(ended, draw.poisson(mean, n), 0) for mean in (1.1, 0.4, 0.3)]
    cases = pd.DataFrame(
        {
            "feedback_id": np.char.add("f", np.arange(n).astype("U9")),
            "day": days,
            "seen_day": days,
            "kind": _pick(heads["kind"], kind),
            "agency": _pick(heads["agency"], agency),
            "topic": _pick(heads["topic"], topic),
            "urgency": _pick(heads["urgency"], draw.choice(4, n, p=[0.3, 0.5, 0.18, 0.02])),
            "aspect": _pick([*heads["aspect"], ""], draw.integers(0, len(heads["aspect"]) + 1, n)),
            "about": _pick([*heads["agency"], ""], np.where(draw.random(n) < 0.3, agency, len(heads["agency"]))),
            "district": np.char.add("13.73.", draw.integers(0, N_DISTRICTS, n).astype("U2")),
            "topic_basis": draw.choice(["person", "auto", "suggest"], n, p=[0.35, 0.5, 0.15]),
            "agency_basis": draw.choice(["person", "auto", "suggest"], n, p=[0.5, 0.4, 0.1]),
            "bundle": _pick(BUNDLES, np.minimum(day * len(BUNDLES) // N_DAYS, len(BUNDLES) - 1)),
            "channel": "app",
            "rating": pd.array(np.where(draw.random(n) < 0.2, draw.integers(1, 6, n), -1), dtype="Int64"),
            "restriction": restriction,
            "outcome": _pick(OUTCOMES, outcome),
            "is_waiting": (outcome == 0) & (draw.random(n) < 0.2),
            "answered_day": days.where(outcome == 1),
            "ended_day": (days + pd.to_timedelta(took, unit="D")).where(ended),
            "last_day": days,
            "n_returns": misrouted.astype(int),
            "is_misrouted": misrouted,
            "was_answered": (outcome == 1) | reopened,
            "is_reopened": reopened,
            "kept_deadline": pd.array(took <= due - day, dtype="boolean"),
            "due_day": due_day,
            "clock": np.where(outcome == 0, "handling", ""),
            "runs_to": due_day.where(outcome == 0),
            "verification_days": parts[0],
            "misrouted_days": parts[1],
            "reporter_days": parts[2],
            "handling_days": took,
            "answer_days": pd.array(took + parts[0], dtype="Int64"),
        }
    )
    cases["rating"] = cases["rating"].mask(cases["rating"] < 0)
    # What ended otherwise before its deadline neither kept nor missed it.
    cases["kept_deadline"] = cases["kept_deadline"].mask(~ended | ((outcome != 1) & (took <= due - day)))
    cases["answer_days"] = cases["answer_days"].mask(~ended)
    return cases, _make_stints(cases, misrouted, took, draw)


def _make_stints(
    cases: pd.DataFrame, misrouted: np.ndarray, took: np.ndarray, draw: np.random.Generator
) -> pd.DataFrame:
    names = ["feedback_id", "agency", "kind", "topic", "urgency", "restriction"]
    own = cases[names].assign(
        number=1 + misrouted,
        started_day=cases["day"],
        ended_day=cases["ended_day"],
        end=cases["outcome"],
        days=np.where(cases["outcome"] == "open", 0, took),
        is_misrouted=False,
        runs_from=cases["day"].where(cases["outcome"] == "open"),
    )
    astray = cases.loc[misrouted, names].assign(
        number=1,
        started_day=cases["day"],
        ended_day=cases["day"],
        end="returned",
        days=draw.poisson(2, int(misrouted.sum())),
        is_misrouted=True,
        runs_from=pd.NaT,
    )
    names_of = sorted(set(cases["agency"]))
    place = astray["agency"].map({name: place for place, name in enumerate(names_of)}).to_numpy()
    astray["agency"] = np.asarray(names_of, dtype=object)[(place + draw.integers(1, 4, len(place))) % len(names_of)]
    order = [*names[:1], "number", "agency", "started_day", "ended_day", "end", "days", "is_misrouted"]
    order += ["runs_from", *names[2:]]
    return pd.concat([own, astray], ignore_index=True)[order]


def add_part(connection: duckdb.DuckDBPyConnection) -> None:
    """Sum what the tables ``cases`` and ``stints`` hold, beside what parts before them held."""
    _add_strata(connection)
    connection.execute(
        "CREATE OR REPLACE VIEW placed AS SELECT *, CASE WHEN agency_basis IN ('person', 'auto') THEN agency ELSE '' "
        "END AS at_agency, date_trunc('month', day)::DATE AS month, date_trunc('week', day)::DATE AS week, "
        "date_trunc('month', due_day)::DATE AS due_month, date_trunc('week', due_day)::DATE AS due_week FROM cases"
    )
    connection.execute(
        "CREATE OR REPLACE MACRO bin_of(d) AS "
        f"CASE WHEN d <= 65 THEN d ELSE least(66 + (d - 66) // 10, {N_BINS - 1}) END"
    )
    known = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    for name, (query, _) in list_cells().items():
        verb = f"INSERT INTO {name}" if name in known else f"CREATE TABLE {name} AS"
        connection.execute(f"{verb} {query}")


def group_cells(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Iterator[tuple[object, ...]]]]:
    """The rows of each cell and sheet, over all parts."""
    for name, (_, n_keys) in list_cells().items():
        columns = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
        keys, sums = ", ".join(columns[:n_keys]), ", ".join(f"sum({sum_})::BIGINT" for sum_ in columns[n_keys:])
        query = f"SELECT {keys}, {sums} FROM {name} GROUP BY {keys}"
        shape = {"sheet_mix": MIXES, "sheet_length": LENGTHS}.get(name)
        yield name, _fetch(connection, query) if shape is None else _pack(connection, query, shape)


def _fetch(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[object, ...]]:
    found = connection.execute(query)
    while rows := found.fetchmany(AT_ONCE):
        yield from rows


def _pack(connection: duckdb.DuckDBPyConnection, query: str, shape: np.dtype) -> Iterator[tuple[object, ...]]:
    """Rows of sheets from rows of their lines: keys, then code and counts."""
    n_of_line = len(shape.names)
    found = connection.execute(f"{query} ORDER BY ALL")
    n_keys = len(found.description) - n_of_line
    lines = chain.from_iterable(iter(partial(found.fetchmany, AT_ONCE), []))
    for key, rows in groupby(lines, key=itemgetter(slice(n_keys))):
        yield (*key, np.array([row[n_keys:] for row in rows], dtype=shape).tobytes())


def _add_strata(connection: duckdb.DuckDBPyConnection) -> None:
    """A table with the code of each stratum."""
    words = "kind, topic, urgency"
    found = connection.execute(f"SELECT {words} FROM cases UNION SELECT {words} FROM stints").fetchall()
    connection.execute(f"CREATE OR REPLACE TABLE strata (code BIGINT, {words.replace(',', ' VARCHAR,')} VARCHAR)")
    connection.executemany("INSERT INTO strata VALUES (?, ?, ?, ?)", [(code_stratum(*row), *row) for row in found])


def _draw_days(n: int, draw: np.random.Generator) -> np.ndarray:
    place = np.arange(N_DAYS)
    weight = (1 + 0.4 * np.sin(2 * np.pi * place / 365)) * (1 + place / N_DAYS)
    return np.sort(draw.choice(N_DAYS, n, p=weight / weight.sum()))


def _zipf(n_labels: int, n: int, draw: np.random.Generator) -> np.ndarray:
    return draw.choice(n_labels, n, p=_share(n_labels))


def _share(n_labels: int) -> np.ndarray:
    weight = 1 / (1 + np.arange(n_labels))
    return weight / weight.sum()


def _pick(labels: Sequence[str], places: np.ndarray) -> np.ndarray:
    return np.asarray(labels, dtype=object)[places]
