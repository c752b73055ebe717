"""The ASGI side: origin, and a failure inside that must not leave a socket behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from realtime.closing import Close
from realtime.endpoint import Endpoint, is_welcome, read_headers
from realtime.main import in_memory
from tests.support.realtime import SECRET, StillClock


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://desk.bank.vn", True),
        ("http://desk.bank.vn", False),
        ("http://partner.vn", False),
        ("https://DESK.bank.vn", True),
        ("https://partner.vn", True),
        (None, True),
        ("https://evil.vn", False),
        ("https://desk.bank.vn.evil.vn", False),
        ("https://desk.bank.vn:444", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_our_own_pages_open_sockets(origin: str | None, *, welcome: bool) -> None:
    headers = {"host": "desk.bank.vn"} | ({"origin": origin} if origin is not None else {})
    assert is_welcome(headers, {"https://partner.vn"}, "wss") is welcome


def test_without_a_host_no_origin_is_ours() -> None:
    assert not is_welcome({"origin": "null"}, (), "ws")


@pytest.mark.parametrize(
    ("origin", "origins", "scheme", "welcome"),
    [
        ("https://desk.bank.vn", (), "ws", True),  # a proxy may have ended TLS
        ("http://desk.bank.vn", (), "ws", True),
        ("http://desk.bank.vn", (), "wss", False),
        ("https://desk.bank.vn", ("https://elsewhere.vn",), "ws", False),
        ("http://desk.bank.vn", ("https://elsewhere.vn",), "ws", True),
        ("http://desk.bank.vn", ("https://desk.bank.vn",), "ws", False),
        ("https://desk.bank.vn", ("https://desk.bank.vn",), "ws", True),
    ],
)
def test_the_scheme_counts_where_it_can_be_known(
    origin: str, origins: tuple[str, ...], scheme: str, *, welcome: bool
) -> None:
    headers = {"host": "desk.bank.vn", "origin": origin}
    assert is_welcome(headers, origins, scheme) is welcome


def test_headers_are_read_by_lower_case_name() -> None:
    assert read_headers({"headers": [(b"Host", b"a"), (b"Origin", b"b")]}) == {
        "host": "a",
        "origin": "b",
    }


async def test_other_requests_are_not_served_here() -> None:
    house = in_memory(SECRET, clock=StillClock())
    with pytest.raises(RuntimeError):
        await Endpoint(house, ())({"type": "http"}, None, None)


async def test_a_session_that_fails_is_closed_and_forgotten() -> None:
    house = in_memory(SECRET, clock=StillClock())
    sent: list[Any] = []
    asked = 0

    async def receive() -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            return {"type": "websocket.connect"}
        raise ValueError("a fault of ours")

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await house.socket({"type": "websocket", "headers": []}, receive, send)
    assert sent[0]["type"] == "websocket.accept"
    assert house.counters.closed == {int(Close.INTERNAL): 1}
    assert not house._sessions
