"""The wire to one Asterisk: requests by HTTP, events by websocket. Knows nothing of calls."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from websockets.asyncio.client import ClientConnection

    from app.settings import AriServer
    from dialer.carrier_ari_words import Ask

ANSWER_S: Final = 5.0  # Asterisk answers within this, or the whole link is doubted
BEAT_S: Final = 2.0  # between two pings of the socket, and how long the second may go unanswered
UNREACHED: Final = 0  # instead of a status: no answer came


class Gone(Exception):
    """The server cannot be reached, or does not do what we need; `str()` says what."""


class Link:
    """One server's HTTP connections and its socket. `app` names us there: one owner per name."""

    def __init__(self, server: AriServer) -> None:
        self._server = server
        self._http = httpx2.AsyncClient(
            base_url=server.url,
            auth=(server.user, server.password),
            timeout=ANSWER_S,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=64),
            trust_env=False,
        )
        self._socket: ClientConnection | None = None

    async def open(self, kinds: Sequence[str], trunk: str) -> None:
        """Open the socket, ask for these kinds of events only, and for all of the trunk's. Raises `Gone`."""
        token = b64encode(f"{self._server.user}:{self._server.password}".encode()).decode()
        address = self._server.url.replace("http", "ws", 1) + f"/events?app={self._server.app}"
        try:
            self._socket = await connect(
                address,
                additional_headers={"Authorization": f"Basic {token}"},
                open_timeout=ANSWER_S,
                close_timeout=1,
                ping_interval=BEAT_S,
                ping_timeout=BEAT_S,
                max_queue=4_096,
                compression=None,
                proxy=None,
            )
        except (OSError, TimeoutError, WebSocketException) as fault:
            raise Gone(f"no socket: {fault}") from fault
        application = f"/applications/{self._server.app}"
        wanted = {"allowed": [{"type": kind} for kind in kinds]}
        await self._must("PUT", f"{application}/eventFilter", body=wanted)
        await self._must("POST", f"{application}/subscription", params={"eventSource": trunk})

    async def events(self) -> AsyncIterator[Mapping[str, Any]]:
        """What the server says, until the socket closes for whatever reason."""
        assert self._socket is not None  # noqa: S101 - `open` came first
        try:
            async for text in self._socket:
                yield json.loads(text)
        except WebSocketException:
            return

    async def send(self, ask: Ask) -> int:
        """One request; its status, `UNREACHED` without one."""
        try:
            answer = await self._http.request(
                ask.method, ask.path, params=dict(ask.params), json=ask.body
            )
        except httpx2.HTTPError:
            return UNREACHED
        return int(answer.status_code)

    async def listed(self, path: str) -> dict[str, Any]:
        """Everything of a kind (`/channels`, `/bridges`) by its name. Raises `Gone`."""
        return {str(each["id"]): each for each in await self.told(path)}

    async def told(self, path: str) -> list[dict[str, Any]]:
        """Everything of a kind, as the server lists it. Raises `Gone`."""
        listed: list[dict[str, Any]] = await self._must("GET", path)
        return listed

    async def close_socket(self) -> None:
        """Drop the socket; its reader ends."""
        if self._socket is not None:
            await self._socket.close()

    async def aclose(self) -> None:
        """Leave the server. Its calls stay up."""
        await self.close_socket()
        await self._http.aclose()

    async def _must(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        try:
            answer = await self._http.request(method, path, params=dict(params or {}), json=body)
        except httpx2.HTTPError as fault:
            raise Gone(f"{method} {path}: {fault!r}") from fault
        if not answer.is_success:
            raise Gone(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.content else None


async def pause(seconds: float, until: asyncio.Event) -> bool:
    """Wait so long, or until something happens; whether it did."""
    try:
        async with asyncio.timeout(seconds):
            await until.wait()
    except TimeoutError:
        return False
    return True
