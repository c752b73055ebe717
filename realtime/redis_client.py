"""The one place that makes a Redis client, whatever the address names, and tells its servers apart.

Callers use what is made here as redis-py's `Redis`. Who needs a server itself (scripts that belong to one
life of it, a raw line of its own) asks for the shard of a key: of a cluster the primary that holds it, of
anything else the client itself.
"""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import NoBackoff

from realtime.redis_address import Address, Kind, read
from realtime.redis_cluster import ClusterRedis
from realtime.redis_wire import Door, Wire, WiredPool, tls_options

CONNECTIONS = 32  # to each server
WAIT_S = 5.0  # for a free connection
SENTINEL_WITHIN_S = 1.0  # one that does not answer by then is passed over


def connect(url: str, *, connections: int = CONNECTIONS, wait_s: float = WAIT_S) -> Redis:
    """Return a client that decodes nothing; callers wait for a connection instead of failing at once.

    Connects when it is first used. Raises ValueError for a bad address; the caller closes the client.
    """
    try:
        address = read(url)
    except ValueError as error:
        raise ValueError(f"the address of Redis {error}") from error
    if address.kind is Kind.CLUSTER:
        return ClusterRedis(address, connections=connections, wait_s=wait_s)
    if address.kind is Kind.SENTINEL:
        return Redis.from_pool(_SentinelPool(address, connections, wait_s))
    return Redis.from_pool(WiredPool.from_url(url, max_connections=connections, timeout=wait_s))


# Asked with each message: redis-py's classes are protocols, of which `isinstance` takes 2 us.
async def ready(client: Redis) -> None:
    """Know which server holds what. Raises redis-py's ConnectionError when nobody tells."""
    if type(client) is ClusterRedis:
        await client.ready()


def doubt(client: Redis) -> None:
    """Say that a server did not answer as the holder of its keys does."""
    if type(client) is ClusterRedis:
        client.doubt()


def shard_of(client: Redis, key: str) -> Redis:
    """Return the client of the server that holds a key, as known since `ready`."""
    return client.shard(key) if type(client) is ClusterRedis else client


def shards_of(client: Redis) -> Sequence[Redis]:
    """Return the clients of all servers that hold keys, as known since `ready`."""
    return client.shards if type(client) is ClusterRedis else [client]


def wire_to(shard: Redis) -> Wire:
    """Return the raw line to a shard."""
    return _pool(shard).wire


async def door_to(shard: Redis) -> Door:
    """Return the door to a shard as it is now: asks the sentinels where there are any."""
    return await _pool(shard).door()


def _pool(shard: Redis) -> WiredPool:
    pool = shard.connection_pool
    if not isinstance(pool, WiredPool):
        raise TypeError("this needs a client made by redis_client.connect")
    return pool


class _SentinelPool(WiredPool, SentinelConnectionPool):
    """Connections to whichever server the sentinels call the primary; callers wait for one."""

    def __init__(self, address: Address, connections: int, wait_s: float) -> None:
        options = dict(address.options)
        sentinel: Any = Sentinel  # not annotated there
        secure = issubclass(options.pop("connection_class", Connection), SSLConnection)
        manners: dict[str, Any] = {
            "socket_timeout": SENTINEL_WITHIN_S,
            "socket_connect_timeout": SENTINEL_WITHIN_S,
            "retry": Retry(NoBackoff(), 0),
        }
        if secure:
            manners |= {"ssl": True, **tls_options(options)}
        super().__init__(
            max_connections=connections,
            timeout=wait_s,
            connection_class=SentinelManagedSSLConnection if secure else SentinelManagedConnection,
            service_name=address.service,
            sentinel_manager=sentinel(
                address.hosts, sentinel_kwargs={**manners, **address.sentinel_options}
            ),
            **options,
        )

    async def door(self) -> Door:
        """Ask the sentinels which server is the primary."""
        sentinels: Any = self  # not annotated there
        return self._door(*await sentinels.get_master_address())

    async def aclose(self) -> None:
        """Close the connections to the sentinels too."""
        await self.sentinel_manager.aclose()
        await super().aclose()
