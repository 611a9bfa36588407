"""Server addresses in canonical form, parsed as the network parses them.

One server can be written in many ways: `http://16909060`, `http://0x1.2.772` and `http://１.2.3.4.` all mean
1.2.3.4. All rules are applied to the canonical form, and requests are sent to it, so that no spelling evades
a rule.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.core.errors import UserError

PORTS = {"https": 443, "http": 80}

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PRIVATE = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""Private networks. Link-local addresses are excluded, because cloud metadata services use them."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address in canonical form.

    `name` is a host name in lower case (ASCII) or a numeric IP address; `path` begins with `/` or is "".
    """

    scheme: str
    name: str
    port: int
    path: str = ""

    @property
    def ip(self) -> IPAddress | None:
        """The IP address; None for a host name."""
        try:
            return ipaddress.ip_address(self.name)
        except ValueError:
            return None

    @property
    def host(self) -> str:
        """`name:port`, an IPv6 address in brackets."""
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, for example `https://gpu.hospital:443`."""
        return f"{self.scheme}://{self.host}"

    @property
    def url(self) -> str:
        """The whole address, without a slash at its end."""
        return self.origin + self.path

    @property
    def is_this_computer(self) -> bool:
        """Whether it is a loopback address."""
        return self.name == "localhost" or (self.ip is not None and is_loopback(self.ip))

    @property
    def may_be_private(self) -> bool:
        """Whether it can be in a private network: a private address, or a name, which may resolve to one."""
        return self.ip is None or is_private(self.ip)


def parse_address(url: str) -> Address:
    """The address of an http(s) URL.

    Raises UserError for any other text, and for a URL with user name, password, query or fragment.
    """
    if len(url) > _LONGEST or not all(map(_can_stand, url.strip())):
        raise UserError("The server's address is too long or holds characters that addresses do not have.")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise UserError("The server's address has to start with https:// or http://.") from error
    if parts.scheme not in PORTS:
        raise UserError("The server's address has to start with https:// or http://.")
    if "@" in parts.netloc:
        raise UserError("The server's address must not hold a user name or password.")
    if "?" in url or "#" in url:
        raise UserError("The server's address must end before any ? or #.")
    if port == 0:
        raise UserError("The server's address has an invalid port.")
    name = _host_name(parts.hostname or "", bracketed="[" in parts.netloc)
    return Address(parts.scheme, name, port or PORTS[parts.scheme], parts.path.rstrip("/"))


def _can_stand(letter: str) -> bool:
    """Whether a character is allowed in an address: no blank, control character or lone surrogate."""
    return letter.isprintable() and letter not in " \\"


def is_loopback(ip: IPAddress) -> bool:
    """Whether an IP address is this computer."""
    return _inner(ip).is_loopback


def is_private(ip: IPAddress) -> bool:
    """Whether an IP address belongs to a private network (RFC 1918, RFC 4193) or this computer."""
    inner = _inner(ip)
    return inner.is_loopback or any(
        inner in network for network in _PRIVATE if network.version == inner.version
    )


def _inner(ip: IPAddress) -> IPAddress:
    """The IPv4 address embedded in an IPv6 address (mapped, 6to4, NAT64, compatible), else the address
    itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _host_name(written: str, *, bracketed: bool) -> str:
    """The canonical form of a host; an IPv6 address with an embedded IPv4 address becomes the latter."""
    if not written:
        raise UserError("The server's address has no host name.")
    if bracketed:
        return _ipv6(written)
    name = _ascii(unquote(written, errors="replace")).removesuffix(".")
    if not name or len(name) > 253:
        raise UserError("The server's address has an invalid host name.")
    if _ends_in_number(name):
        return _ipv4(name)
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise UserError("The server's address has a host name that cannot be.")
    return name


def _ascii(name: str) -> str:
    """A host name in ASCII: compatibility forms folded, other scripts as IDNA."""
    folded = unicodedata.normalize("NFKC", name).lower().replace("。", ".")
    if folded.isascii():
        return folded
    try:
        return folded.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise UserError("The server's address has a host name that cannot be.") from error


def _ipv6(written: str) -> str:
    try:
        ip = ipaddress.IPv6Address(unquote(written))
    except ValueError as error:
        raise UserError("The server's address has an IP address that cannot be.") from error
    if ip.scope_id is not None:
        raise UserError("The server's address must not name a network interface.")
    return _usable(_inner(ip))


def _ends_in_number(name: str) -> bool:
    """Whether a name would be parsed as an IPv4 address, because its last part is a number."""
    last = name.rpartition(".")[2]
    return last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) is not None


def _ipv4(name: str) -> str:
    """An IPv4 address from one to four parts, each decimal, octal (0…) or hexadecimal (0x…)."""
    parts = name.split(".")
    try:
        numbers = [_number(part) for part in parts]
    except ValueError as error:
        raise UserError("The server's address has an IP address that cannot be.") from error
    *first, last = numbers
    if len(parts) > 4 or any(number > 255 for number in first) or last >= 256 ** (5 - len(parts)):
        raise UserError("The server's address has an IP address that cannot be.")
    value = last + sum(number << 8 * (3 - place) for place, number in enumerate(first))
    return _usable(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    """The number in a part, digits only: `int` would also accept signs, blanks and underscores."""
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", part):
        raise ValueError("not a number")
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and part != "0" else int(part, 10)


def _usable(ip: IPAddress) -> str:
    if ip.is_unspecified or ip.is_multicast or ip.is_link_local:
        raise UserError("The server's address is not that of a server.")
    return str(ip)
