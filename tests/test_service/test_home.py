import stat
import threading

import pytest

from service.errors import StoreError
from service.home import SECRET_FILE, open_home, write_private


def test_the_secret_is_made_once_and_read_by_its_owner_only(tmp_path):
    first = open_home(tmp_path / "a" / "home")
    path = tmp_path / "a" / "home" / SECRET_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_home(tmp_path / "a" / "home") == first
    assert [entry.name for entry in path.parent.iterdir()] == [SECRET_FILE]


def test_digests_tell_secrets_purposes_and_values_apart(tmp_path):
    one, other = open_home(tmp_path / "1"), open_home(tmp_path / "2")
    digests = {
        one.digest("body", "a"),
        one.digest("body", "b"),
        one.digest("reporter_ref", "a"),
        other.digest("body", "a"),
    }
    assert len(digests) == 4
    assert one.digest("body", "a") == one.digest("body", b"a")


def test_the_secret_is_not_shown(tmp_path):
    secret = open_home(tmp_path)
    assert secret.content.hex() not in repr(secret)


def test_processes_that_start_together_agree_on_the_secret(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(open_home(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({secret.content for secret in found}) == 1


@pytest.mark.parametrize("content", ["", "zz", "ab" * 8])
def test_a_damaged_secret_is_refused_by_name(tmp_path, content):
    (tmp_path / SECRET_FILE).write_text(content)
    with pytest.raises(StoreError, match=r"secret.*backup"):
        open_home(tmp_path)


def test_a_home_that_cannot_be_made_is_refused_with_advice(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="PILAH_HOME"):
        open_home(tmp_path / "file" / "home")


def test_a_private_file_stays_unless_it_is_to_be_replaced(tmp_path):
    path = tmp_path / "key"
    write_private(path, "a")
    write_private(path, "b")
    assert path.read_text() == "a"
    write_private(path, "c", replace=True)
    assert path.read_text() == "c"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
