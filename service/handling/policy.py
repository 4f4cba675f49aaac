"""The city's rules for deadlines and emergencies, in versions: days by kind, and what a person in danger is told.

The first version comes with the taxonomy and is unconfirmed (PermenPANRB 62/2018, Perpres 76/2013) until a person of
the city confirms or changes it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, select, text

from model.prediction import JsonValue
from model.shipped import taxonomy_in_force
from service import tables
from service.ledger.entries import Entry
from service.writer import Transaction

CHANGED: Final = "policy.changed"
SHIPPED_VERSION: Final = 0
# Whose days a report gets of which nobody knows the kind.
_DEFAULT_KIND = "pengaduan"
_VERIFICATION_DAYS = 3
_ADVICE = (
    "Laporan ini terbaca sebagai keadaan darurat. Pilah bukan layanan darurat: kalau ada yang terancam sekarang, "
    "jangan menunggu jawaban dari sini, telepon nomor darurat."
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one version.

    ``days`` are working days by kind, None for a kind without a deadline; ``advice`` is shown to who reports an
    emergency, with ``numbers`` (pairs of number and name), where empty those of the setting.
    """

    version: int
    verification_days: int
    days: Mapping[str, int | None]
    advice: str
    numbers: tuple[tuple[str, str], ...]
    is_confirmed: bool
    made_at: datetime | None = None

    def days_of(self, kind: str | None) -> int | None:
        """The working days for a report of ``kind``, None without a deadline."""
        known = kind if kind is not None and kind in self.days else _DEFAULT_KIND
        return self.days.get(known)

    def says_as(self, other: "Policy") -> bool:
        """Whether two versions rule the same."""
        return replace(self, version=0, made_at=None) == replace(other, version=0, made_at=None)


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Rules an admin wants in force; the version of ``policy`` is not read."""

    policy: Policy
    actor: str
    now: datetime


@lru_cache(maxsize=1)
def shipped_policy() -> Policy:
    """The rules before a person of the city said anything."""
    kinds = taxonomy_in_force().heads["kind"]
    days = {slug: int(label.details["deadline_working_days"] or 0) or None for slug, label in kinds.items()}
    return Policy(SHIPPED_VERSION, _VERIFICATION_DAYS, days, _ADVICE, (), is_confirmed=False)


def read_policy(connection: Connection, version: int | None = None) -> Policy:
    """The policy in force, or that of a version."""
    columns = tables.policy.c
    query = select(tables.policy).order_by(columns.version.desc()).limit(1)
    if version is not None:
        query = query.where(columns.version == version)
    row = connection.execute(query).mappings().first()
    return _read_row(row) if row is not None else shipped_policy()


def change_policy(transaction: Transaction, changes: Sequence[PolicyChange]) -> list[Policy]:
    """Put rules in force, each as a new version; rules that say nothing new make none."""
    connection = transaction.connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE policy IN EXCLUSIVE MODE"))
    current = read_policy(connection)
    outcomes = []
    for change in changes:
        if not change.policy.says_as(current):
            current = replace(change.policy, version=current.version + 1, made_at=change.now)
            row = {"version": current.version, "made_at": change.now, "actor": change.actor}
            connection.execute(insert(tables.policy).values({**row, "content": json.dumps(_describe(current))}))
            transaction.record(_describe_entry(current, change))
        outcomes.append(current)
    return outcomes


def _read_row(row: RowMapping) -> Policy:
    content = json.loads(row["content"])
    return Policy(
        row["version"],
        content["verification_days"],
        content["days"],
        content["advice"],
        tuple((number, name) for number, name in content["numbers"]),
        content["confirmed"],
        row["made_at"],
    )


def _describe(policy: Policy) -> dict[str, JsonValue]:
    return {
        "verification_days": policy.verification_days,
        "days": dict(policy.days),
        "advice": policy.advice,
        "numbers": [list(pair) for pair in policy.numbers],
        "confirmed": policy.is_confirmed,
    }


def _describe_entry(policy: Policy, change: PolicyChange) -> Entry:
    content: dict[str, JsonValue] = {
        "verification_days": policy.verification_days,
        "days": dict(policy.days),
        "confirmed": policy.is_confirmed,
    }
    return Entry(CHANGED, change.now, change.actor, policy=policy.version, content=content)
