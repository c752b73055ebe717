"""Redis behind TLS with an authority of one's own: one server, and a primary that sentinels name over TLS too."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ConnectionError as NoRedis

from realtime.redis_client import connect, door_to, wire_to
from tests.support.redis_sets import (
    NAME,
    PASSWORD,
    PLAIN,
    SENTINELS_PASSWORD,
    Server,
    a_sentinel,
)
from tests.support.tls_relay import Relay, own_authority, relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Relay, Relay, Path]]:
    """The relays before a server and before a sentinel that names it, and the authority."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = own_authority(folder)
    with ExitStack() as stack:
        server = Server(folder / "server", (*PLAIN, "--requirepass", PASSWORD))
        server.start()
        stack.callback(server.end)
        to_server = stack.enter_context(relay(server.port, certificate, key))
        sentinel = a_sentinel(folder / "sentinel", to_server.port)
        sentinel.start()
        stack.callback(sentinel.end)
        to_sentinel = stack.enter_context(relay(sentinel.port, certificate, key))
        yield to_server, to_sentinel, certificate


async def used(url: str) -> None:
    """Ask by redis-py's connections and by the raw line."""
    client = connect(url)
    try:
        await client.set("told", "over TLS")
        assert await client.get("told") == b"over TLS"
        assert (await door_to(client)).secure is not None
        line = await wire_to(client).line()
        assert await line.ask([("GET", "told")]) == [b"over TLS"]
    finally:
        await client.aclose()


async def test_one_server_is_asked_over_tls_by_every_kind_of_line(
    behind_tls: tuple[Relay, Relay, Path],
) -> None:
    server, _, authority = behind_tls
    before = server.secured
    await used(f"rediss://:{PASSWORD}@127.0.0.1:{server.port}/0?ssl_ca_certs={authority}")
    assert server.secured >= before + 2, "redis-py's connection and the raw line"


async def test_sentinels_are_asked_over_tls_too(behind_tls: tuple[Relay, Relay, Path]) -> None:
    server, sentinel, authority = behind_tls
    options = f"sentinel_password={SENTINELS_PASSWORD.replace(' ', '%20')}&ssl_ca_certs={authority}"
    before = server.secured
    await used(f"rediss+sentinel://:{PASSWORD}@127.0.0.1:{sentinel.port}/{NAME}?{options}")
    assert sentinel.secured > 0
    assert server.secured >= before + 2


async def test_a_server_of_an_unknown_authority_is_not_asked(
    behind_tls: tuple[Relay, Relay, Path],
) -> None:
    server, _, _ = behind_tls
    client = connect(f"rediss://:{PASSWORD}@127.0.0.1:{server.port}/0")
    try:
        with pytest.raises(NoRedis):
            await client.get("told")
        with pytest.raises(NoRedis):
            await wire_to(client).line()
    finally:
        await client.aclose()
