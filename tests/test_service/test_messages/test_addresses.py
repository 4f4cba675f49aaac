import asyncio
from ipaddress import ip_address

import pytest

from service.hosts import HostList, read_hosts
from service.messages.addresses import AddressRefusedError, check_url, is_public, pin

NOTHING = HostList()


def pin_to(url, listed, *addresses):
    async def resolve(_, __):
        return addresses

    return [str(pinned) for pinned in asyncio.run(pin(url, listed, resolve))]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104  # an address that is refused
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_what_is_not_the_open_internet_is_refused(address):
    assert not is_public(ip_address(address))
    with pytest.raises(AddressRefusedError, match="not public"):
        pin_to("https://hook.example/", NOTHING, address)


def test_a_public_address_over_tls_is_pinned():
    assert pin_to("https://hook.example:8443/a?b", NOTHING, "8.8.8.8", "2606:4700::1111") == [
        "https://8.8.8.8:8443/a?b",
        "https://[2606:4700::1111]:8443/a?b",
    ]


def test_one_address_that_is_not_public_refuses_them_all():
    with pytest.raises(AddressRefusedError, match="not public"):
        pin_to("https://hook.example/", NOTHING, "8.8.8.8", "10.0.0.1")


@pytest.mark.parametrize("listed", ["app.kota.lan", "*.lan", "10.0.0.0/8", "10.0.0.7"])
def test_an_application_of_the_city_works_when_it_is_listed(listed):
    hosts = read_hosts(listed)
    check_url("http://app.kota.lan/pilah", hosts)
    assert pin_to("http://app.kota.lan/pilah", hosts, "10.0.0.7") == ["http://10.0.0.7/pilah"]


def test_a_network_on_the_list_lists_no_other():
    hosts = read_hosts("10.0.0.0/8")
    with pytest.raises(AddressRefusedError, match="not public"):
        pin_to("http://app.kota.lan/pilah", hosts, "192.168.0.1")
    with pytest.raises(AddressRefusedError, match="https"):
        pin_to("http://app.kota.lan/pilah", hosts, "8.8.8.8")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hook.example/", "https"),
        ("https://127.0.0.1/", "not public"),
        ("https://[::1]/", "not public"),
        ("https://user:secret@hook.example/", "password"),
        ("https://hook.example/#part", "fragment"),
        ("https:///path", "address"),
        ("https://hook.example:99999/", "port"),
        ("ftp://hook.example/", "address"),
    ],
)
def test_what_can_be_seen_without_looking_up_is_refused_at_once(url, said):
    with pytest.raises(AddressRefusedError, match=said):
        check_url(url, NOTHING)


@pytest.mark.parametrize("value", ["*", "*.*", "http://app.lan", "10.0.0.0/8/8", "a b"])
def test_what_is_no_list_of_hosts_is_refused(value):
    with pytest.raises(ValueError, match="write names and networks"):
        read_hosts(value)
