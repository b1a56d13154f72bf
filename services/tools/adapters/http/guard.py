"""Where a tool may be called: its own host only, and no private address that is not named in the settings."""

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx

from services.tools.errors import BaseUrlInvalid

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host. Raises OSError where it has none."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def normal(base_url: str) -> str:
    """The base URL without a trailing slash. Raises BaseUrlInvalid where it is not a plain http(s) URL."""
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        raise BaseUrlInvalid(f"{base_url!r} is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise BaseUrlInvalid("base_url must be an absolute http or https URL")
    if url.userinfo or url.query or url.fragment:
        raise BaseUrlInvalid("base_url may hold scheme, host, port and path only")
    return str(url).rstrip("/")


def same_origin(url: httpx.URL, base_url: str) -> bool:
    """Whether a URL has the scheme, host and port of the tool's base URL."""
    base = httpx.URL(base_url)
    return (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)


def is_under(url: httpx.URL, base_url: str) -> bool:
    """Whether a URL is one of the tool's own API: same origin, and behind the base URL's path."""
    base = httpx.URL(base_url).raw_path.rstrip(b"/")
    return same_origin(url, base_url) and url.raw_path.startswith(base + b"/")


class Guard:
    def __init__(self, private_hosts: Sequence[str], resolver: Resolve = resolve) -> None:
        self._private_hosts, self._resolve = frozenset(private_hosts), resolver

    def address(self, url: httpx.URL) -> str:
        """The checked IP address to connect to, so that a name can't resolve to another one afterwards.

        Raises BaseUrlInvalid where any of the host's addresses is not public, unless the host is named in the settings.
        """
        try:
            found = self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except OSError as error:
            raise BaseUrlInvalid(f"{url.host} has no address", host=url.host) from error
        if url.host not in self._private_hosts:
            for address in found:
                if not _is_public(address):
                    raise BaseUrlInvalid(f"{url.host} is not a public host", host=url.host)
        return found[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast
