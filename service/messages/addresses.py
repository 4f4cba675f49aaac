"""Where webhooks may lead: public addresses over TLS, and what the operator listed (`PILAH_WEBHOOK_HOSTS`).

A name is looked up once and the connection goes to the address that was checked, so that a name which changes its
mind between the two leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from httpx import URL, InvalidURL

from model.errors import PilahError
from service.hosts import Address, HostList

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
MAX_ADDRESSES: Final = 4
_PORTS: Final = {"http": 80, "https": 443}
_N_PORTS: Final = 1 << 16
_NAT64 = ip_network("64:ff9b::/96")
# Special by IANA; a cloud keeps its metadata at 192.0.0.192, and Python before 3.13 takes most of these for public.
_SPECIAL = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"), ip_network("3fff::/20"))


class AddressRefusedError(PilahError):
    """An address that no webhook of this installation may lead to."""


def check_url(url: str, listed: HostList) -> None:
    """Refuse what can be refused without looking a name up.

    Raises
    ------
    AddressRefusedError
        The address cannot be read, or may not be reached.
    """
    parsed = _parse(url)
    literal = _read_literal(parsed.host)
    if literal is not None:
        _check(parsed, literal, listed)
    elif parsed.scheme == "http" and not (listed.lists_name(parsed.host) or listed.networks):
        raise AddressRefusedError("needs https; without it only hosts of PILAH_WEBHOOK_HOSTS are reached")


async def pin(url: str, listed: HostList, resolve: Resolve) -> list[URL]:
    """The same address with the host replaced by each address it has now, every one of them checked.

    Raises
    ------
    AddressRefusedError
        One of them may not be reached.
    OSError
        The name cannot be looked up.
    """
    parsed = _parse(url)
    found = await resolve(parsed.host, parsed.port or _PORTS[parsed.scheme])
    addresses = list(dict.fromkeys(ip_address(address) for address in found))
    if not addresses:
        raise OSError("no address")
    for address in addresses:
        _check(parsed, address, listed)
    return [parsed.copy_with(host=str(address)) for address in addresses[:MAX_ADDRESSES]]


async def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, also when it wraps one of IPv4."""
    if isinstance(address, IPv6Address):
        inner = _unwrap(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _unwrap(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _parse(url: str) -> URL:
    try:
        parsed = URL(url)
    except (InvalidURL, ValueError) as error:
        raise AddressRefusedError("is no address; write it as https://app.kota.go.id/pilah") from error
    if parsed.scheme not in _PORTS or not parsed.host:
        raise AddressRefusedError("is no address of the web; write it as https://app.kota.go.id/pilah")
    if parsed.port is not None and not 0 < parsed.port < _N_PORTS:
        raise AddressRefusedError("names a port that does not exist; ports are 1 to 65535")
    if parsed.userinfo or parsed.fragment:
        raise AddressRefusedError("holds a user, a password or a fragment; leave them out")
    return parsed


def _check(url: URL, address: Address, listed: HostList) -> None:
    if listed.lists_name(url.host) or listed.lists_address(address):
        return
    if not is_public(address):
        raise AddressRefusedError("leads to an address that is not public; list the host in PILAH_WEBHOOK_HOSTS")
    if url.scheme != "https":
        raise AddressRefusedError("needs https; without it only hosts of PILAH_WEBHOOK_HOSTS are reached")


def _read_literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
