import pytest

from service.workbench import read_cases, shipped_cases


@pytest.fixture(scope="session")
def shipped():
    """The demo city that is shipped, its cells counted once."""
    city = read_cases(shipped_cases())
    city.connect().close()
    return city
