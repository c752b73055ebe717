"""Makes pages' telephones known to Asterisk, and takes a secret back when its time is over.

Asterisk keeps them in memory only (sorcery.conf), so one that was started again knows none: the page then
asks for new credentials. What leaves the floor is taken away by the dialer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx2

from app.errors import Unavailable
from app.phone.rules import (
    LIFE_MS,
    TOKEN_SETTER,
    Credentials,
    aor_of,
    auth_of,
    endpoint_for,
    endpoint_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from structlog.stdlib import BoundLogger

    from app.clock import Clock
    from app.settings import AriServer

ANSWER_S: Final = 3.0
SECRET_BYTES: Final = 24
FOLDER: Final = "/asterisk/config/dynamic/res_pjsip"
OK: Final = 200


class Registrar:
    """One Asterisk's pages. Secrets register for `life_ms`; what takes them back runs in `group`."""

    def __init__(
        self,
        server: AriServer,
        clock: Clock,
        group: asyncio.TaskGroup,
        log: BoundLogger,
        life_ms: int = LIFE_MS,
    ) -> None:
        self.address = server.pages
        self._network = server.network
        self._clock = clock
        self._group = group
        self._log = log
        self._life_ms = life_ms
        self._ending: set[asyncio.Task[None]] = set()
        self._http = httpx2.AsyncClient(
            base_url=server.url,
            auth=(server.user, server.password),
            timeout=ANSWER_S,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Leave Asterisk; what is registered stays so."""
        for task in self._ending:
            task.cancel()
        await self._http.aclose()

    async def ended(self) -> None:
        """Wait until every secret that was issued here has been looked at in its end."""
        await asyncio.gather(*self._ending)

    async def issue(self, agent: UUID) -> Credentials:
        """New credentials for this agent's page; the secret before them is worth nothing any more.

        Raises `Unavailable`.
        """
        user = endpoint_of(agent)
        # An endpoint that holds a variable can be made and not changed: its token stays with it.
        token = (await self._known("endpoint", user)).get(TOKEN_SETTER, "")
        fresh = Credentials(
            user,
            self._clock.token_bytes(SECRET_BYTES).hex(),
            token or self._clock.token_bytes(SECRET_BYTES).hex(),
            self._life_ms,
        )
        await self._put("auth", user, auth_of(fresh))
        if not token:
            await self._put("aor", user, aor_of())
            await self._put("endpoint", user, endpoint_for(fresh, self._network))
        task = self._group.create_task(self._withdraw(fresh))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return fresh

    async def _withdraw(self, spent: Credentials) -> None:
        """When its time is over, a secret that was not replaced by a newer one registers nobody."""
        await asyncio.sleep(self._life_ms / 1000)
        try:
            if (await self._known("auth", spent.user)).get("password") == spent.secret:
                await self._http.delete(f"{FOLDER}/auth/{spent.user}")
        except (httpx2.HTTPError, Unavailable) as fault:
            self._log.warning("phone_secret_not_withdrawn", why=type(fault).__name__)

    async def _known(self, kind: str, name: str) -> dict[str, str]:
        """The fields of what Asterisk knows by this name; empty for nothing."""
        try:
            answer = await self._http.get(f"{FOLDER}/{kind}/{name}")
        except httpx2.HTTPError as fault:
            raise _away() from fault
        if answer.status_code != OK:
            return {}
        return {str(each["attribute"]): str(each["value"]) for each in answer.json()}

    async def _put(self, kind: str, name: str, fields: Mapping[str, str]) -> None:
        told = [{"attribute": key, "value": value} for key, value in fields.items()]
        try:
            answer = await self._http.put(f"{FOLDER}/{kind}/{name}", json={"fields": told})
        except httpx2.HTTPError as fault:
            raise _away() from fault
        if answer.status_code != OK:
            self._log.error("phone_not_made", kind=kind, status=answer.status_code)
            raise _away()


def _away() -> Unavailable:
    return Unavailable("The telephone server does not answer.", code="PHONE_AWAY")
