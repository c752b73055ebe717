"""An agent's desk in a real browser: the page, and the way to each of its states.

What a test is about it does by key or pointer; `settle` brings a desk back to rest between tests, by the
addresses that the page itself uses.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from playwright.async_api import expect

from tests.support.chromium import person
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Locator, Page

    from tests.support.floor import Floor

SOON = 30_000.0  # ms
CALL = 90_000.0  # ms: some numbers are busy, some fail, and the machine is shared
ANY_OUTCOME = "HUNG_UP_BEFORE_ID"
MET = re.compile("^(IN_CALL|WRAP_UP|WRAP_OVER)$")


@dataclass
class Desk:
    """One agent's page."""

    floor: Floor
    page: Page

    @property
    def root(self) -> Locator:
        """The element that holds the state."""
        return self.page.get_by_test_id("desk")

    def at(self, testid: str) -> Locator:
        """A part of the page by its test id."""
        return self.page.get_by_test_id(testid)

    async def load(self) -> None:
        """Open the page, or open it anew, and wait for what the socket says first."""
        await self.page.goto(f"{self.floor.address}/desk")
        await expect(self.root).not_to_have_attribute("data-state", "LOADING", timeout=SOON)

    async def in_state(self, state: str, within: float = SOON) -> None:
        """Wait until the desk shows `state`, at most so many ms."""
        await expect(self.root).to_have_attribute("data-state", state, timeout=within)

    async def known(self) -> str:
        """The state that the server said last."""
        return await self.root.get_attribute("data-known") or "LOADING"

    async def call(self) -> str | None:
        """The id of the call at this desk."""
        told: str | None = await self.page.evaluate(
            "document.querySelector('agent-desk').desk.callId"
        )
        return told

    async def until(self, what: str) -> None:
        """Wait until a fact of the page's desk or of `__rt` holds, written in JavaScript."""
        # Playwright's own waiting builds a function in the page, which its policy forbids.
        deadline = asyncio.get_running_loop().time() + SOON / 1000
        while not await self.page.evaluate(
            f"(() => {{ const desk = document.querySelector('agent-desk').desk; return !!({what}); }})()"
        ):
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"never came true: {what}")
            await asyncio.sleep(0.1)

    async def screen(self) -> dict[str, Any]:
        """The screen of the call in hand, as it came by the socket."""
        told: dict[str, Any] = await self.page.evaluate(
            "document.querySelector('agent-desk').desk.screen"
        )
        return told

    async def card(self) -> dict[str, Any]:
        """The agent's own card, as it came by the socket."""
        told: dict[str, Any] = await self.page.evaluate(
            "document.querySelector('agent-desk').desk.agent"
        )
        return told

    async def go_ready(self) -> None:
        """Alt+R, until the server agrees: a link that was just lost comes back first."""
        await self.page.keyboard.press("Alt+R")
        await self.in_state("READY")

    async def take_call(self) -> str:
        """Ready, and on until a customer is on the line. Returns the call.

        Now and then a customer rings off before he is heard: then it is the next one's turn.
        """
        for _ in range(3):
            await self.page.keyboard.press("Alt+R")
            await expect(self.root).to_have_attribute("data-state", MET, timeout=CALL)
            if await self.root.get_attribute("data-state") == "IN_CALL":
                call = await self.call()
                assert call
                return call
            await self.settle()
        raise TimeoutError("no customer stays on the line")

    async def hang_up(self) -> None:
        """End the call by key, which takes two presses."""
        await self.page.keyboard.press("Alt+X")
        await expect(self.at("hangup")).to_have_class("bar-button end armed")
        await self.page.keyboard.press("Alt+X")
        await self.in_state("WRAP_UP")

    async def choose(self, key: str = "9") -> None:
        """Choose an outcome that needs nothing else, and see it saved."""
        await self.page.keyboard.press(f"Alt+{key}")
        await expect(self.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> int:
        """Do something by address, as another window of this person would. Returns the status."""
        boot = json.loads(await self.page.locator("#boot").inner_text())
        answer = await self.page.context.request.post(
            f"{self.floor.address}{path}",
            max_retries=1,  # a kept line may be closed by the server just then; browsers try again too
            data=body or {},
            headers={
                "X-CSRF-Token": boot["csrf"],
                "Idempotency-Key": f"test-{uuid4()}",
                "Origin": self.floor.address,
                "Accept": "application/json",
            },
        )
        return answer.status

    async def speak(self, language: str) -> None:
        """Have the whole page in `vi` or `en`, as the person's own choice; it is loaded anew."""
        assert await self.post("/me/preferences", {"language": language}) == 200
        await self.page.reload()
        await expect(self.page.locator("html")).to_have_attribute("lang", language)
        await expect(self.root).not_to_have_attribute("data-state", "LOADING", timeout=SOON)

    @asynccontextmanager
    async def in_english(self) -> AsyncIterator[None]:
        """In English within the block, in Vietnamese again behind it."""
        await self.speak("en")
        try:
            yield
        finally:
            await self.speak("vi")

    async def settle(self) -> None:
        """End whatever goes on and rest: a break, in which no call comes."""
        for _ in range(200):
            known = await self.known()
            if known == "PAUSED":
                return
            await self._end(known)
            await asyncio.sleep(0.25)
        raise TimeoutError(f"the desk does not come to rest: {known}")

    async def _end(self, known: str) -> None:
        await self.post("/desk/pause", {"reason": "SHORT"})
        call = await self.call()
        if call is None or known not in ("IN_CALL", "HELD", "WRAP_UP", "WRAP_OVER"):
            return
        if known in ("IN_CALL", "HELD"):
            await self.post("/desk/hangup", {"call": call})
        await self.post(
            "/desk/outcome", {"call": call, "leaf": ANY_OUTCOME, "note": "", "ticked": []}
        )
        await self.post("/desk/finish", {"call": call})


async def enter(floor: Floor, page: Page, username: str, *, over: str = "") -> Desk:
    """Sign in at `over` (the house's own address), from wherever else this person may still be open."""
    await page.goto(f"{over or floor.address}/login")
    await page.get_by_test_id("login-username").fill(username)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    take_over, desk = page.get_by_test_id("take-over"), Desk(floor, page)
    await expect(take_over.or_(desk.root)).to_be_visible(timeout=SOON)
    if await take_over.is_visible():
        await take_over.click()
    await expect(desk.root).not_to_have_attribute("data-state", "LOADING", timeout=SOON)
    return desk


@asynccontextmanager
async def sit_down(
    floor: Floor, started: Browser, username: str, *, language: str = "vi", theme: str = "light"
) -> AsyncIterator[BrowserContext]:
    """A window of a person who is signed in; pages of it need not sign in again."""
    window = await person(started, language=language, theme=theme)
    page = await window.new_page()
    await floor.sign_in(page, username)
    await page.close()
    try:
        yield window
    finally:
        await window.close()


@asynccontextmanager
async def same_person(
    floor: Floor,
    started: Browser,
    window: BrowserContext,
    *,
    language: str = "vi",
    theme: str = "light",
) -> AsyncIterator[BrowserContext]:
    """Another window with the sign-in of `window` and nothing else that was kept there."""
    other = await person(started, language=language, theme=theme)
    kept = [each for each in await window.cookies() if each["name"] != "language"]
    await other.add_cookies(kept)  # type: ignore[arg-type]  # what was read is what is written
    await other.add_cookies([{"name": "language", "value": language, "url": floor.address}])
    try:
        yield other
    finally:
        await other.close()


async def open_desk(floor: Floor, window: BrowserContext, *scripts: str) -> Desk:
    """A page of that window at rest; `scripts` run in it before its own."""
    page = await window.new_page()
    for script in scripts:
        await page.add_init_script(script)
    desk = Desk(floor, page)
    await desk.load()
    await desk.settle()
    return desk
