"""The HTTP side of one bot: sign-in, ticket, deeds with their keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_SECONDS: Final = 15.0
OK: Final = 200
QUEUED: Final = 202


class Refusal(Exception):
    """The site said no, by a status and a code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class SharedTransport(httpx2.AsyncBaseTransport):
    """One pool of connections for all bots; each keeps cookies of its own."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass on."""
        return await self._inner.handle_async_request(request)


class Visitor:
    """The HTTP side of one bot: sign-in, ticket, deeds with their keys."""

    def __init__(
        self, url: str, transport: httpx2.AsyncBaseTransport, token_bytes: Callable[[int], bytes]
    ) -> None:
        self._token_bytes = token_bytes
        self._csrf = ""
        self.http = httpx2.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=ANSWER_SECONDS,
            headers={"Accept": "application/json", "Origin": url},
        )

    async def sign_in(self, username: str, password: str) -> str:
        """Open a session, taking over one of our own left open; returns the user's id."""
        form = await self._said(await self.http.get("/login"))
        headers = {"X-CSRF-Token": form["csrf"]}
        typed = {"username": username, "password": password, "take_over": True}
        answer = await self._said(await self.http.post("/login", json=typed, headers=headers))
        while queued := answer.get("queued"):
            await asyncio.sleep(queued["wait_ms"] / 1000)
            typed["turn"] = queued["turn"]
            answer = await self._said(await self.http.post("/login", json=typed, headers=headers))
        self._csrf = answer["csrf"]
        return str(answer["user"]["id"])

    async def do(self, path: str, **body: Any) -> dict[str, Any]:
        """A deed; tried again with the same key while the site does not answer."""
        # Keys outlive a process: a seeded generator would draw yesterday's again.
        headers = {
            "X-CSRF-Token": self._csrf,
            "Idempotency-Key": self._token_bytes(16).hex(),
        }
        for wait in (0.3, 1.0, 3.0):
            try:
                return await self._said(await self.http.post(path, json=body, headers=headers))
            except httpx2.TransportError:
                await asyncio.sleep(wait)
        return await self._said(await self.http.post(path, json=body, headers=headers))

    async def see(self, path: str) -> dict[str, Any]:
        """What stands at an address."""
        return await self._said(await self.http.get(path))

    async def _said(self, answer: httpx2.Response) -> dict[str, Any]:
        if answer.status_code not in (OK, QUEUED):
            try:
                code = str(answer.json()["error"]["code"])
            except (ValueError, KeyError, TypeError):
                code = "?"
            raise Refusal(answer.status_code, code)
        told: dict[str, Any] = answer.json()
        return told
