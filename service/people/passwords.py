"""Passwords: what one must be, and their hashes (argon2id), which are made in few threads and never queue without end.

A hash takes 64 MiB and a tenth of a second, so a flood of logins must not take the memory and the processors of all.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from service.errors import StoreBusyError
from service.people.faults import OrderError

MIN_CHARS: Final = 12
MAX_CHARS: Final = 200
N_THREADS: Final = 2
MAX_WAITING: Final = 20
# What people choose when twelve characters are asked for; compared in lower case without spaces, digits and signs.
_FAVOURITES: Final = frozenset(
    """
    password passwordpassword katasandi katasandiku rahasia rahasiarahasia sangatrahasia admin administrator
    adminadmin qwerty qwertyuiop qwertyqwerty asdfghjkl zxcvbnm abcdefghijkl abcabcabc letmein letmeinplease
    welcome selamatdatang sawahlunto kotasawahlunto hallosawahlunto diskominfo pilah pilahpilah bismillah
    alhamdulillah bismillahirrahmanirrahim indonesia indonesiaraya merdeka pancasila iloveyou iloveyouforever
    akucintakamu sayangsayang minangkabau sumaterabarat superman changeme gantisandi
    """.split()
)

Result = TypeVar("Result")


class Hasher:
    """Makes and checks hashes of passwords; `stop` ends its threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="pilah-argon2")
        self._n_waiting = 0
        # Checked where there is no account, so that the answer takes as long as where there is one.
        self._of_nobody = ""

    async def hash(self, password: str) -> str:
        """The hash of a password.

        Raises
        ------
        StoreBusyError
            Too many passwords wait to be hashed.
        """
        return await self._run(lambda: hash_password(password, self._hasher))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; with no hash, no, after the same time. Errors as `hash`."""
        return await self._run(lambda: self._verify(hashed, password))

    def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _verify(self, hashed: str | None, password: str) -> bool:
        if not self._of_nobody:
            self._of_nobody = self._hasher.hash(secrets.token_hex())
        try:
            is_right = self._hasher.verify(hashed or self._of_nobody, _normalise(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return is_right and hashed is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._n_waiting >= MAX_WAITING:
            raise StoreBusyError(f"{self._n_waiting} passwords are waiting")
        self._n_waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._n_waiting -= 1


def hash_password(password: str, hasher: PasswordHasher | None = None) -> str:
    """The hash of a password, made here and now."""
    return (hasher or PasswordHasher()).hash(_normalise(password))


def check_password(password: str, login: str) -> None:
    """Refuse a password that is guessed too soon.

    Raises
    ------
    OrderError
        It is too short or too long, holds the login or is one that many choose.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise OrderError("password", f"has {len(password)} characters; take {MIN_CHARS} to {MAX_CHARS}")
    lowered = _normalise(password).lower()
    if login.lower() in lowered:
        raise OrderError("password", "holds the login; take another one")
    letters = "".join(letter for letter in lowered if letter.isalpha())
    # A few signs at the end of a common word make no other word; few unlike characters, or a number, make none at all.
    if not letters or letters in _FAVOURITES or len(set(lowered)) < MIN_CHARS // 2 or _is_favourite_twice(letters):
        raise OrderError("password", "is one that many choose; take three or four unlike words")


def _is_favourite_twice(letters: str) -> bool:
    half = len(letters) // 2
    return letters[:half] == letters[half:] and letters[:half] in _FAVOURITES


def _normalise(password: str) -> str:
    """The same for a password whatever keyboard spelled its accents."""
    return unicodedata.normalize("NFC", password)
