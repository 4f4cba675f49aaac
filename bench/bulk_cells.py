"""The queries by which DuckDB groups synthetic cases and stints into the cells of the service."""

from collections.abc import Sequence

from service.cases.sheets import ENDS, N_BINS, PARTS

OUTCOMES = ("open", "answered", "rejected", "archived", "erased")


def list_cells() -> dict[str, tuple[str, int]]:
    """For each cell, and the lines of each sheet, the query of its sums, and how many of its columns are keys."""
    return {
        "cell_series": (_series(), 8),
        "cell_count": (_counts(), 6),
        "cell_kept": (_kept(), 7),
        "cell_stratum": (_strata(), 4),
        "cell_open": (_open(), 8),
        "cell_aspect": (_aspects(), 6),
        "cell_urgency": (_urgencies(), 6),
        "cell_bundle": ("SELECT month, bundle, restriction, count(*) AS n FROM placed GROUP BY ALL", 3),
        "sheet_mix": (_mix(), 4),
        "sheet_length": (_lengths(), 6),
    }


_SCOPES = (
    ("all", "''", "true"),
    ("agency", "at_agency", "at_agency <> ''"),
    ("district", "district", "district <> ''"),
)
_TOPIC = ("topic", "topic", "topic <> ''")
_JUDGED = ("placed NATURAL JOIN strata", "kept_deadline IS NOT NULL AND at_agency <> ''")
_OVER = ("stints NATURAL JOIN strata", "\"end\" NOT IN ('open', 'erased')")


def _series() -> str:
    selects = [
        f"SELECT '{scope}', {key}, '{grain}', {topic}, {grain}, topic_basis, bundle, restriction, 1 "
        f"FROM placed WHERE {where}"
        for scope, key, where in _SCOPES
        for grain in ("day", "week", "month")
        if (scope, grain) != ("district", "day")
        for topic in ("topic", "'*'")
    ]
    return _sum(selects, n_keys=8, n_sums=1)


def _urgencies() -> str:
    selects = [
        f"SELECT '{scope}', {key}, day, kind, urgency, restriction, 1 FROM placed WHERE {where}"
        for scope, key, where in _SCOPES[:2]
    ]
    return _sum(selects, n_keys=6, n_sums=1)


def _aspects() -> str:
    selects = [
        f"SELECT '{scope}', month, {key}, aspect, kind, restriction, 1 FROM placed WHERE {key} <> ''"
        for scope, key in (("about", "about"), ("agency", "at_agency"))
    ]
    return _sum(selects, n_keys=6, n_sums=1)


def _counts() -> str:
    outcomes = ", ".join(f"(outcome = '{end}')::INT" for end in OUTCOMES)
    marks = "is_misrouted::INT, was_answered::INT, is_reopened::INT"
    marks += ", (rating IS NOT NULL)::INT, coalesce(rating >= 4, false)::INT"
    selects = []
    for scope, key, where in (*_SCOPES, _TOPIC):
        for grain in ("week", "month"):
            place = f"'{scope}', '{grain}', {grain}, {key}, kind, restriction"
            selects.append(f"SELECT {place}, 1, {outcomes}, 0, 0, {marks} FROM placed WHERE {where}")
            due = place.replace(f"{grain}, {key}", f"due_{grain}, {key}")
            selects.append(
                f"SELECT {due}, 0, 0, 0, 0, 0, 0, 1, kept_deadline::INT, 0, 0, 0, 0, 0 FROM placed "
                f"WHERE {where} AND kept_deadline IS NOT NULL"
            )
    return _sum(selects, n_keys=6, n_sums=13)


def _kept() -> str:
    """Every case of these has a stint, so that the agency where it lies is the one that owes the answer."""
    return (
        "SELECT due_day::DATE AS day, 'agency' AS scope, at_agency AS key, kind, topic, urgency, restriction, "
        "count(*) AS n FROM placed "
        "WHERE kept_deadline GROUP BY ALL UNION ALL SELECT due_day::DATE, 'district', district, kind, '', '', "
        "restriction, count(*) FROM placed WHERE kept_deadline AND district <> '' GROUP BY ALL"
    )


def _strata() -> str:
    words = "code, kind, topic, urgency"
    return _sum([f"SELECT {words}, 1 FROM {table} WHERE {where}" for table, where in (_JUDGED, _OVER)], 4, 1)


def _mix() -> str:
    (judged, is_judged), (over, is_over) = _JUDGED, _OVER
    kept = (
        f"SELECT due_month, at_agency, restriction, code, 0, 0, 1, kept_deadline::INT FROM {judged} WHERE {is_judged}"
    )
    stints = (
        "SELECT date_trunc('month', started_day)::DATE, agency, restriction, code, 1, "
        f"is_misrouted::INT, 0, 0 FROM {over} WHERE {is_over}"
    )
    return _sum([kept, stints], n_keys=4, n_sums=4)


def _lengths() -> str:
    selects = []
    for kind in ("''", "kind"):
        selects.append(
            f"SELECT 'agency', {kind}, date_trunc('month', started_day)::DATE, agency, restriction, "
            f"{_code('stint', 'end')}, 1 FROM stints WHERE runs_from IS NULL"
        )
        for scope, key, where in (_SCOPES[0], _TOPIC, _SCOPES[2]):
            selects.append(
                f"SELECT '{scope}', {kind}, month, {key}, restriction, {_code('answer', 'outcome')}, 1 "
                f"FROM placed WHERE {where} AND answer_days IS NOT NULL AND seen_day = day"
            )
        selects += [
            f"SELECT '{scope}', {kind}, month, {key}, restriction, {_code(part, None)}, 1 "
            f"FROM placed WHERE {where} AND answer_days IS NOT NULL AND seen_day = day"
            for scope, key, where in _SCOPES[:2]
            for part in ("verification", "misrouted", "reporter", "handling")
        ]
    return _sum(selects, n_keys=6, n_sums=1)


def _code(part: str, end: str | None) -> str:
    """The code of a length as an expression over the columns of cases or stints."""
    place = "0" if end is None else f'list_position({list(ENDS)}, "{end}") - 1'
    days = "days" if part == "stint" else f"{part}_days"
    return f"{PARTS.index(part) * len(ENDS) * N_BINS} + ({place}) * {N_BINS} + bin_of({days})"


def _open() -> str:
    selects = [
        (
            "SELECT 'stint', date_trunc('month', started_day)::DATE, runs_from, agency, kind, '', '', restriction, 1 "
            "FROM stints WHERE runs_from IS NOT NULL"
        ),
        (
            "SELECT 'due', month, due_day::DATE, at_agency, kind, topic, urgency, restriction, 1 FROM placed "
            "WHERE outcome = 'open' AND due_day IS NOT NULL"
        ),
        (
            "SELECT 'owed_there', month, due_day::DATE, district, kind, '', '', restriction, 1 FROM placed "
            "WHERE outcome = 'open' AND due_day IS NOT NULL AND district <> ''"
        ),
        (
            "SELECT 'waiting', month, day::DATE, at_agency, kind, '', '', restriction, 1 FROM placed "
            "WHERE outcome = 'open' AND is_waiting"
        ),
    ]
    selects += [
        f"SELECT '{scope}', month, day::DATE, {key}, kind, '', '', restriction, 1 FROM placed "
        f"WHERE {where} AND outcome = 'open' AND seen_day = day"
        for scope, key, where in (_SCOPES[0], _TOPIC, _SCOPES[2])
    ]
    return _sum(selects, n_keys=8, n_sums=1)


def _sum(selects: Sequence[str], n_keys: int, n_sums: int) -> str:
    names = [f"k{place}" for place in range(n_keys)] + [f"s{place}" for place in range(n_sums)]
    keys, sums = ", ".join(names[:n_keys]), ", ".join(f"sum({name})::BIGINT AS {name}" for name in names[n_keys:])
    # Each part is grouped by itself first: together they would be tens of rows for each case.
    grouped = " UNION ALL ".join(
        f"SELECT {keys}, {', '.join(f'sum({name}) AS {name}' for name in names[n_keys:])} "
        f"FROM ({select}) AS part({', '.join(names)}) GROUP BY {keys}"
        for select in selects
    )
    return f"SELECT {keys}, {sums} FROM ({grouped}) GROUP BY {keys}"
