"""Where Redis is: one server, a primary that Sentinels name, or a Cluster. Read once, refused clearly.

    redis://[user:password@]host[:6379][/db]      rediss:// with TLS      unix:///path?db=0
    redis+sentinel://[user:password@]h1[:26379],h2,h3/NAME[?db=0&sentinel_password=...]
    redis+cluster://[user:password@]h1[:6379],h2,h3

`rediss+sentinel` and `rediss+cluster` speak TLS. What stands behind the question mark is redis-py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from redis.asyncio.connection import parse_url

REDIS_PORT = 6379
SENTINEL_PORT = 26379
LARGEST_PORT = 65_535
OF_SENTINELS = "sentinel_"  # prefix of the options that are for the sentinels themselves


class Kind(Enum):
    """What stands at an address."""

    SINGLE = ""
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """An address as read. `options` are redis-py's arguments of a connection, without the host.

    `hosts` are the sentinels, or some nodes of the cluster, or the one server; a Unix socket has none.
    `service` is the name under which the sentinels know the primary.
    """

    kind: Kind
    hosts: tuple[tuple[str, int], ...] = ()
    service: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    sentinel_options: Mapping[str, Any] = field(default_factory=dict)


def read(url: str) -> Address:
    """Return the address in a URL; ValueError says what is wrong with it, and never repeats it."""
    scheme, _, kind = urlsplit(url).scheme.partition("+")
    if scheme not in ("redis", "rediss", "unix") or (kind and scheme == "unix"):
        raise ValueError(
            "must begin with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://"
        )
    if not kind:
        return _single(url)
    if kind not in (Kind.SENTINEL.value, Kind.CLUSTER.value):
        raise ValueError("knows redis+sentinel:// and redis+cluster:// only")
    return _many(url, scheme, Kind(kind))


def _single(url: str) -> Address:
    if urlsplit(url).scheme == "unix":
        options = _options(url)
        if not options.get("path"):
            raise ValueError("must name the socket's path: unix:///run/valkey.sock")
        return Address(Kind.SINGLE, options=options)
    place = _host(urlsplit(url).netloc.rpartition("@")[2] or "localhost", REDIS_PORT)
    options = _options(url)
    for name in ("host", "port"):
        options.pop(name, None)
    return Address(Kind.SINGLE, (place,), options=options)


def _many(url: str, scheme: str, kind: Kind) -> Address:
    """Read several hosts: a plain URL of one host says the rest, in redis-py's own reading."""
    parts = urlsplit(url)
    user, at, names = parts.netloc.rpartition("@")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    own = {name: text for name, text in asked.items() if not name.startswith(OF_SENTINELS)}
    service = unquote(parts.path.strip("/"))
    options = _options(f"{scheme}://{user}{at}host/?{urlencode(own)}")
    del options["host"]
    if kind is Kind.CLUSTER:
        if service or options.get("db"):
            raise ValueError("must name no database: a cluster has only one")
        return Address(kind, _hosts(names, REDIS_PORT), options=options)
    if not service:
        raise ValueError("must end with the primary's name: redis+sentinel://h1,h2,h3/NAME")
    for_sentinels = {
        name.removeprefix(OF_SENTINELS): text
        for name, text in asked.items()
        if name.startswith(OF_SENTINELS)
    }
    if not for_sentinels.keys() <= {"username", "password"}:
        raise ValueError("knows sentinel_username and sentinel_password only")
    return Address(kind, _hosts(names, SENTINEL_PORT), service, options, for_sentinels)


def _options(url: str) -> dict[str, Any]:
    try:
        return dict(parse_url(url))
    except ValueError as error:
        raise ValueError(f"is not understood: {error}".rstrip(".")) from error


def _hosts(names: str, port: int) -> tuple[tuple[str, int], ...]:
    """Read `h1:port,h2,[::1]:port`."""
    hosts = tuple(_host(name, port) for name in names.split(","))
    if len(set(hosts)) < len(hosts):
        raise ValueError("names a host twice")
    return hosts


def _host(name: str, default: int) -> tuple[str, int]:
    try:
        one = urlsplit(f"//{name}")
        host, port = one.hostname, one.port
    except ValueError as error:
        raise ValueError(f"must have ports from 1 to {LARGEST_PORT}") from error
    if not host or port == 0:
        raise ValueError("must name its hosts, with commas between: h1:6379,h2,h3")
    return host, port or default
