import asyncio

import pytest
from argon2 import PasswordHasher

from service.errors import StoreBusyError
from service.people.faults import OrderError
from service.people.passwords import MAX_WAITING, Hasher, check_password, hash_password


@pytest.fixture
def hasher():
    hasher = Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield hasher
    hasher.stop()


def test_a_password_is_known_again_however_its_accents_were_typed(hasher):
    async def check():
        hashed = await hasher.hash("caf\u00e9 di tepi rel tua")
        assert await hasher.verify(hashed, "cafe\u0301 di tepi rel tua")
        assert not await hasher.verify(hashed, "cafe di tepi rel tua")
        assert not await hasher.verify(None, "caf\u00e9 di tepi rel tua")
        assert not await hasher.verify("no hash", "caf\u00e9 di tepi rel tua")

    asyncio.run(check())


def test_no_more_passwords_wait_than_the_bound(hasher):
    async def flood():
        calls = [hasher.hash(f"kata sandi nomor {number}") for number in range(3 * MAX_WAITING)]
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(flood())
    assert sum(isinstance(outcome, StoreBusyError) for outcome in outcomes) == 2 * MAX_WAITING
    assert sum(isinstance(outcome, str) for outcome in outcomes) == MAX_WAITING


def test_what_the_service_keeps_is_argon2id_of_64_mib():
    assert hash_password("gerimis di atas rel tua").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    "password",
    ["pendek", "x" * 201, "rina.pupr 2026", "Sawahlunto2026!!", "Bismillah123456", "19750817123456", "abababababab"],
)
def test_a_password_that_many_would_guess_is_refused(password):
    with pytest.raises(OrderError, match="password"):
        check_password(password, "rina.pupr")


@pytest.mark.parametrize("password", ["gerimis di atas rel tua", "Tr0ub4dor&3-Lunto", "aie tajun di ateh bukik"])
def test_a_few_unlike_words_are_taken(password):
    check_password(password, "rina.pupr")
