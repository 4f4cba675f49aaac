"""The hosts an operator lists for webhooks: names, perhaps with ``*``, and networks."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address
_NAME_PATTERN = re.compile(r"[a-z0-9*][a-z0-9*.-]*")


@dataclass(frozen=True, slots=True)
class HostList:
    """Hosts that may be reached without TLS and at addresses that are not public: names and networks."""

    names: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def lists_name(self, host: str) -> bool:
        """Whether a host is listed by its name."""
        return any(fnmatchcase(host.lower(), pattern) for pattern in self.names)

    def lists_address(self, address: Address) -> bool:
        """Whether an address lies in a network of the list."""
        return any(address in ip_network(network) for network in self.networks)


def read_hosts(value: str) -> HostList:
    """A list written with commas: names, perhaps with ``*``, and addresses or networks.

    Raises
    ------
    ValueError
        An entry is neither.
    """
    names, networks = [], []
    for entry in (entry.strip().lower() for entry in value.split(",") if entry.strip()):
        try:
            networks.append(str(ip_network(entry)))
        except ValueError as error:
            if not _NAME_PATTERN.fullmatch(entry) or not entry.strip("*."):
                raise ValueError(
                    f"holds {entry!r}; write names and networks with commas, such as app.kota.lan,10.20.0.0/16"
                ) from error
            names.append(entry)
    return HostList(tuple(names), tuple(networks))
