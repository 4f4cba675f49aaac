"""Who acts in the demo: accounts named by their role, never persons, with one password for all of them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from model.taxonomy import Taxonomy
from service.callers import Caller
from service.ledger.entries import SYSTEM
from service.people.accounts import Account, AccountOrder, add_accounts
from service.people.faults import NameTaken
from service.writer import Transaction

# Sends all made-up reports; no key of the store has its id.
APP: Final = Caller("demo-app", "key", "aplikasi Hallo Sawahlunto (contoh)", frozenset({"ingest"}))
ADMIN: Final = "admin"
TRIAGE: Final = ("triase", "triase-2")
OVERSEER: Final = "pengawas"
ANALYST: Final = "analis"
AUDITOR: Final = "auditor"
# Whose login is shown first to somebody who wants to see the pages of an agency.
SHOWN_AGENCY: Final = "dinas-pupr"
_LIAISON: Final = "opd."
# Small letters and digits that nobody mistakes for another.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_N_PARTS: Final = 4
_N_LETTERS: Final = 4


@dataclass(frozen=True, slots=True)
class Cast:
    """The accounts of the demo by their login."""

    callers: Mapping[str, Caller]

    def caller(self, login: str) -> Caller:
        """Who logs in so."""
        return self.callers[login]


def name_liaison(agency: str) -> str:
    """The login of who speaks for an agency."""
    return f"{_LIAISON}{agency}"


def make_password() -> str:
    """A password that can be typed: four groups of four letters, 79 bits of chance."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_N_LETTERS)) for _ in range(_N_PARTS))
    return "-".join(groups)


def describe_logins(password: str) -> str:
    """The logins to try and their password, for whoever starts the demo."""
    logins = (
        (ADMIN, "sees and changes everything"),
        (TRIAGE[0], "triage: the review queue"),
        (OVERSEER, "triage that may see accusations too"),
        (name_liaison(SHOWN_AGENCY), f"speaks for one agency; so for each: {_LIAISON}SLUG"),
        (ANALYST, "figures and trends"),
        (AUDITOR, "the ledger and the reports, nothing to change"),
    )
    return "".join(f"  {login:<15} {words}\n" for login, words in logins) + f"  password of all: {password}\n"


def add_cast(transaction: Transaction, taxonomy: Taxonomy, hashed: str, now: datetime) -> None:
    """Make the accounts, all with the password of this hash."""
    for made in add_accounts(transaction, _list_orders(taxonomy, hashed, now)):
        if isinstance(made, NameTaken):
            raise made.to_error()


def read_cast(accounts: Sequence[Account]) -> Cast:
    """The accounts as callers."""
    return Cast({account.login: account.to_caller() for account in accounts})


def _list_orders(taxonomy: Taxonomy, hashed: str, now: datetime) -> list[AccountOrder]:
    def order(
        login: str, name: str, role: str, agency: str | None = None, scopes: tuple[str, ...] = ()
    ) -> AccountOrder:
        return AccountOrder(login, name, hashed, role, SYSTEM, now, agency, scopes)

    external = taxonomy.external_agencies()
    agencies = {slug: label for slug, label in taxonomy.heads["agency"].items() if slug not in external}
    return [
        order(ADMIN, "Admin Pilah", "admin"),
        order(TRIAGE[0], "Petugas triase 1", "triage"),
        order(TRIAGE[1], "Petugas triase 2", "triage"),
        order(OVERSEER, "Petugas pengaduan pengawasan", "triage", scopes=("oversight",)),
        order(ANALYST, "Analis Bagian Organisasi", "analyst"),
        order(AUDITOR, "Auditor", "auditor"),
        *(
            order(name_liaison(slug), f"Penghubung {label.name}"[:80], "liaison", slug)
            for slug, label in agencies.items()
        ),
    ]
