"""A browser without a screen: cookies, Origin, CSRF token and idempotency keys, over ASGI or a port."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Self

import httpx2

from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from starlette.types import ASGIApp

ORIGIN = "http://desk.test"
_KEYS = count(1)


class Browser:
    """Speaks to the site as the pages' scripts do. Close it with `async with`."""

    def __init__(self, app: ASGIApp, *, accept: str = "application/json", **headers: str) -> None:
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, client=("127.0.0.1", 1234)),
            base_url=ORIGIN,
            headers={"Accept": accept, "Origin": ORIGIN, **headers},
        )
        self.csrf = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def open_login(self) -> None:
        """Fetch the form: its cookie and its token."""
        answer = await self.client.get("/login", headers={"Accept": "application/json"})
        self.csrf = answer.json()["csrf"]

    async def sign_in(
        self, username: str, password: str = PASSWORD, **more: Any
    ) -> httpx2.Response:
        """Sign in with JSON, as programs do."""
        await self.open_login()
        body = {"username": username, "password": password, **more}
        answer = await self.client.post("/login", json=body, headers={"X-CSRF-Token": self.csrf})
        if answer.status_code == 200 and "csrf" in answer.json():
            self.csrf = answer.json()["csrf"]
        return answer

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        """Fetch."""
        return await self.client.get(path, headers=headers)

    async def post(
        self, path: str, body: object = None, *, key: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Do something, once per key."""
        sent = {
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": key or f"test-key-{next(_KEYS):08}",
            **headers,
        }
        sent = {name: value for name, value in sent.items() if value}
        return await self.client.post(path, json=body if body is not None else {}, headers=sent)
