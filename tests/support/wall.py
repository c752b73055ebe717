"""The wall in a real browser, and what a supervisor does there."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from playwright.async_api import expect

from tests.support.desk import SOON

if TYPE_CHECKING:
    from playwright.async_api import APIResponse, BrowserContext, Locator, Page, WebSocketRoute

    from tests.support.floor import Floor

_COUNTS = """() => {
  const wall = document.querySelector("agent-list").wall;
  const digits = (node) => Number(node.textContent.replace(/\\D/g, ""));
  const doing = { in_call: 0, ready: 0, wrap_up: 0, paused: 0 };
  for (const { link, state, status } of wall.agents) {
    if (status === "OFFLINE" || link === "LOST") continue;
    if (state === "IN_CALL" || state === "HELD") doing.in_call += 1;
    else if (state === "WRAP_UP" || state === "WRAP_OVER") doing.wrap_up += 1;
    else if (state === "IDLE" && status === "READY") doing.ready += 1;
    else if (state === "IDLE" && status === "PAUSED") doing.paused += 1;
  }
  const { in_call, ready, wrap_up, paused, total } = wall.counts;
  return {
    counted: doing,
    tile: { in_call, ready, wrap_up, paused },
    total,
    shown: digits(document.querySelector("[data-testid=tile-agents] .tile-value")),
    listed: wall.agents.filter(({ status }) => status !== "OFFLINE").length,
  };
}"""


@dataclass
class Wall:
    """One supervisor's page."""

    floor: Floor
    page: Page

    @property
    def root(self) -> Locator:
        """The element that holds the state."""
        return self.page.get_by_test_id("wall")

    def at(self, testid: str) -> Locator:
        """A part of the page by its test id."""
        return self.page.get_by_test_id(testid)

    def agent(self, user: UUID) -> Locator:
        """An agent's row or tile."""
        return self.page.locator(f'[data-testid=agent][data-user="{user}"]')

    def alert(self, kind: str) -> Locator:
        """The alerts of a kind."""
        return self.page.locator(f'[data-testid=alert][data-kind="{kind}"]')

    def team(self, team: object) -> Locator:
        """A team's card."""
        return self.page.locator(f'[data-testid=team][data-team="{team}"]')

    def campaign(self, name: str) -> Locator:
        """A campaign's row."""
        return self.at("campaign").filter(has_text=name)

    async def show(self, view: str) -> None:
        """Choose a view with the pointer."""
        await self.at(f"view-{view}").click()
        await expect(self.root).to_have_attribute("data-view", view)

    async def open_agent(self, user: UUID) -> None:
        """Open what may be done with an agent, by key."""
        await self.show("agents")
        await self.agent(user).first.focus()
        await self.page.keyboard.press("Enter")

    async def counts(self) -> dict[str, Any]:
        """What tile, list and cards say at one moment. For the view of agents."""
        told: dict[str, Any] = await self.page.evaluate(_COUNTS)
        return told

    async def until_agreed(self) -> dict[str, Any]:
        """The counts as soon as tile and list agree: they come by two channels, a moment apart."""
        for _ in range(300):
            told = await self.counts()
            if told["tile"] == told["counted"] and told["shown"] == told["total"] == told["listed"]:
                return told
            await asyncio.sleep(0.1)
        raise TimeoutError(f"tile and list never agree: {told}")

    async def boot(self) -> dict[str, Any]:
        """What the page was born with."""
        told: dict[str, Any] = json.loads(await self.page.locator("#boot").inner_text())
        return told

    async def post(self, path: str, body: dict[str, Any]) -> int:
        """Do something by address. Returns the status."""
        return (await self._send(path, body)).status

    async def ask(self, path: str) -> dict[str, Any]:
        """Ask for something by address."""
        told: dict[str, Any] = await (await self._send(path, {})).json()
        return told

    async def _send(self, path: str, body: dict[str, Any]) -> APIResponse:
        return await self.page.context.request.post(
            f"{self.floor.address}{path}",
            max_retries=1,  # as at the desk
            data=body,
            headers={
                "X-CSRF-Token": (await self.boot())["csrf"],
                "Idempotency-Key": f"test-{uuid4()}",
                "Origin": self.floor.address,
                "Accept": "application/json",
            },
        )

    async def focused(self) -> str | None:
        """Which agent has the focus."""
        user: str | None = await self.page.evaluate("document.activeElement?.dataset.user")
        return user


async def open_wall(floor: Floor, window: BrowserContext, place: str = "view=campaigns") -> Wall:
    """A page of that window with figures on it; `place` is what its address says."""
    page = await window.new_page()
    await page.goto(f"{floor.address}/wall?{place}")
    wall = Wall(floor, page)
    await expect(wall.root).to_have_attribute("data-state", "LIVE", timeout=SOON)
    return wall


class LossyLine:
    """Stands between page and server, and loses frames with cards when it is told to."""

    CARDS = 120  # bytes: a beat is shorter, a card longer

    def __init__(self) -> None:
        self.connected = 0
        self._losing = 0
        self._route: WebSocketRoute | None = None

    def connect(self, route: WebSocketRoute) -> None:
        """One socket of the page."""
        self.connected += 1
        self._route = route
        server = route.connect_to_server()

        def deliver(message: str | bytes) -> None:
            if self._losing and len(message) > self.CARDS:
                self._losing -= 1
            else:
                route.send(message)

        server.on_message(deliver)

    async def lose(self, frames: int) -> None:
        """Lose so many frames with cards, then the line, as a real one would, until it is back."""
        before = self.connected
        self._losing = frames
        for _ in range(300):
            if not self._losing:
                break
            await asyncio.sleep(0.1)
        assert self._losing == 0
        assert self._route is not None
        await self._route.close(code=1012)
        for _ in range(300):
            if self.connected > before:
                return
            await asyncio.sleep(0.1)
        raise TimeoutError("the page does not come back")
