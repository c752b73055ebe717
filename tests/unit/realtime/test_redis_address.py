"""Addresses of Redis: one server, sentinels, a cluster; and what is said of a bad one."""

from __future__ import annotations

import pytest
from redis.asyncio.connection import SSLConnection

from realtime.redis_address import Kind, read


def test_one_server() -> None:
    address = read("redis://desk:p%40ss@valkey.bank:6380/2")
    assert (address.kind, address.hosts) == (Kind.SINGLE, (("valkey.bank", 6380),))
    assert address.options == {"username": "desk", "password": "p@ss", "db": 2}
    assert read("redis://valkey.bank").hosts == (("valkey.bank", 6379),)


def test_a_unix_socket() -> None:
    address = read("unix:///run/valkey.sock?db=3")
    assert (address.kind, address.hosts) == (Kind.SINGLE, ())
    assert (address.options["path"], address.options["db"]) == ("/run/valkey.sock", 3)


def test_sentinels_and_the_name_of_the_primary() -> None:
    address = read(
        "redis+sentinel://desk:p%40ss@s1:26380,s2,[::1]:5/floor?db=1&sentinel_password=who"
    )
    assert address.kind is Kind.SENTINEL
    assert address.hosts == (("s1", 26380), ("s2", 26379), ("::1", 5))
    assert address.service == "floor"
    assert address.options == {"username": "desk", "password": "p@ss", "db": 1}
    assert address.sentinel_options == {"password": "who"}


def test_a_cluster_with_tls() -> None:
    address = read("rediss+cluster://:secret@c1,c2:7000")
    assert (address.kind, address.hosts) == (Kind.CLUSTER, (("c1", 6379), ("c2", 7000)))
    assert address.options["password"] == "secret"
    assert address.options["connection_class"] is SSLConnection


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://valkey.bank", "must begin with redis://"),
        ("valkey.bank:6379", "must begin with redis://"),
        ("unix+cluster:///run/v.sock", "must begin with redis://"),
        ("redis+proxy://h1", "knows redis"),
        ("unix://", "the socket's path"),
        ("redis+sentinel://h1,h2,h3", "primary's name"),
        ("redis+sentinel://h1,h2/floor?sentinel_colour=red", "sentinel_username"),
        ("redis+cluster://h1,h2/1", "no database"),
        ("redis+cluster://h1,h2?db=1", "no database"),
        ("redis+cluster://", "must name its hosts"),
        ("redis+cluster://h1,,h2", "must name its hosts"),
        ("redis+cluster://h1:0,h2", "must name its hosts"),
        ("redis+cluster://h1:99999,h2", "ports from 1 to 65535"),
        ("redis+cluster://h1:port", "ports from 1 to 65535"),
        ("redis+cluster://h1,h2,h1:6379", "a host twice"),
        ("redis://h1:99999", "ports from 1 to 65535"),
        ("redis+cluster://:s3cret@h1/nine", "no database"),
        ("redis://:s3cret@h1?db=nine", "is not understood"),
    ],
)
def test_a_bad_address_is_refused_with_what_is_wrong(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read(url)
    assert "s3cret" not in str(refused.value)
