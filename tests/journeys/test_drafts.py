"""What an agent types is never lost: closed tab, crash, another browser, a lapsed sign-in (AD9, X14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Error, expect

from tests.support.chromium import browser, person
from tests.support.desk import SOON, Desk, enter, same_person
from tests.support.wire import Wire

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
WRAP_UP_SECONDS = 20
NOTE = "Hẹn gọi lại sau 18 giờ"
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}])"

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """A floor whose one campaign has customers for the whole module, dialled a line at a time."""
    floor.load_people(120)
    await floor.open_campaign(lines=1, wrapup_s=WRAP_UP_SECONDS)
    return floor


async def sit(floor: Floor, started: Browser, username: str = "", *, over: str = "") -> Desk:
    """A desk at rest in a window of its own."""
    page = await (await person(started)).new_page()
    desk = await enter(floor, page, username or floor.agent, over=over)
    await desk.settle()
    return desk


async def wrap_up(desk: Desk) -> str:
    """Be in the wrap-up of a call, with minutes to go. Returns the call."""
    call = await desk.take_call()
    await desk.hang_up()
    for left in (9, 8, 7, 6):
        await desk.page.keyboard.press("Alt+W")
        await desk.until(f"desk.agent.extends_left === {left}")
        await desk.page.wait_for_timeout(520)  # the key is held back for half a second
    return call


async def type_note(desk: Desk, text: str) -> None:
    """Put words at the end of the note, as a person does."""
    await desk.page.keyboard.press("Alt+T")
    await desk.page.keyboard.press("Control+End")
    await desk.page.keyboard.type(text)


async def stored(floor: Floor, text: str) -> None:
    """Wait until the server holds a note that ends so."""
    await floor.until("SELECT 1 FROM drafts WHERE body->>'note' LIKE :ends", ends=f"%{text}")


async def leave_it(desk: Desk) -> None:
    """Be done with the call, and see that this machine keeps nothing of it."""
    await desk.settle()
    assert "paceline.draft" not in await desk.page.evaluate(KEPT)


@pytest.mark.req("S0b-042", "S0a-024")
async def test_ad9_a_closed_tab_finds_its_deadline_and_its_draft_again(
    busy_floor: Floor, chromium: Browser
) -> None:
    desk = await sit(busy_floor, chromium)
    await wrap_up(desk)
    before = await desk.card()
    await type_note(desk, NOTE)
    await stored(busy_floor, NOTE)
    window = desk.page.context
    await desk.page.close()

    async with same_person(busy_floor, chromium, window) as elsewhere:
        again = Desk(busy_floor, await elsewhere.new_page())
        await again.load()
        await again.in_state("WRAP_UP")
        assert (await again.card())["deadline"] == before["deadline"]
        await expect(again.at("note")).to_have_value(NOTE, timeout=SOON)
        await leave_it(again)
    await window.close()


@pytest.mark.req("S0a-024")
async def test_typing_without_a_pause_is_saved_all_the_same(
    busy_floor: Floor, chromium: Browser
) -> None:
    desk = await sit(busy_floor, chromium)
    call = await wrap_up(desk)
    await desk.page.keyboard.press("Alt+T")
    sent = "SELECT 1 FROM drafts WHERE call_id = CAST(:call AS uuid) AND version > 1"
    for _ in range(200):  # a letter each tenth of a second: never quiet for long enough
        await desk.page.keyboard.type("a", delay=100)
        if await busy_floor.all(sent, call=call):
            break
    else:
        raise AssertionError("nothing was saved while the agent went on typing")
    await leave_it(desk)
    await desk.page.context.close()


@pytest.mark.req("S0a-024")
async def test_a_browser_that_crashes_loses_no_word(busy_floor: Floor, chromium: Browser) -> None:
    async with browser() as doomed:
        desk = await sit(busy_floor, doomed)
        await wrap_up(desk)
        await type_note(desk, NOTE)
        await stored(busy_floor, NOTE)
        with pytest.raises(Error):  # the browser does not live to answer
            await (await doomed.new_browser_cdp_session()).send("Browser.crash")
    again = await enter(busy_floor, await (await person(chromium)).new_page(), busy_floor.agent)
    await again.in_state("WRAP_UP")
    await expect(again.at("note")).to_have_value(NOTE, timeout=SOON)
    await leave_it(again)
    await again.page.context.close()


@pytest.mark.req("S0a-024", "P0-001")
async def test_words_typed_at_two_browsers_are_joined_and_none_is_lost(
    busy_floor: Floor, chromium: Browser
) -> None:
    """One types behind a lost line while the other takes over; then the first comes back."""
    async with Wire(busy_floor.house.port) as wire:
        first = await sit(busy_floor, chromium, over=wire.address)
        await wrap_up(first)
        await type_note(first, "khách ở Hà Nội")
        await stored(busy_floor, "khách ở Hà Nội")
        wire.cut()
        await expect(first.at("banner")).to_be_visible(timeout=SOON)
        await type_note(first, ", sắp về quê")

        second = await enter(
            busy_floor, await (await person(chromium)).new_page(), busy_floor.agent
        )
        await expect(second.at("note")).to_have_value("khách ở Hà Nội", timeout=SOON)
        await type_note(second, ", trả tiền mặt")
        await stored(busy_floor, "trả tiền mặt")

        wire.mend()
        await expect(first.at("ended")).to_be_visible(timeout=SOON)
        back = await enter(busy_floor, first.page, busy_floor.agent, over=wire.address)
        both = "khách ở Hà Nội, trả tiền mặt\nkhách ở Hà Nội, sắp về quê"
        await expect(back.at("note")).to_have_value(both, timeout=SOON)
        await stored(busy_floor, "sắp về quê")
        await leave_it(back)
        await second.page.context.close()
        await back.page.context.close()


@pytest.mark.req("S0a-024")
async def test_x14_a_sign_in_that_lapsed_loses_no_draft_and_signing_out_leaves_none(
    busy_floor: Floor, chromium: Browser
) -> None:
    desk = await sit(busy_floor, chromium)
    await wrap_up(desk)
    await end_sign_ins(busy_floor)
    await type_note(desk, NOTE)
    await desk.until("desk.outbox.size > 0")

    again = await enter(busy_floor, desk.page, busy_floor.agent)
    await again.in_state("WRAP_UP")
    await expect(again.at("note")).to_have_value(NOTE, timeout=SOON)
    await stored(busy_floor, NOTE)
    await leave_it(again)

    await again.page.evaluate("localStorage.setItem('paceline.draft', '{\"left\": \"behind\"}')")
    await again.at("sign-out").click()
    await expect(again.at("login-form")).to_be_visible(timeout=SOON)
    kept = await again.page.evaluate(KEPT)
    assert "paceline.draft" not in kept
    assert "paceline.outbox" not in kept
    await desk.page.context.close()


async def end_sign_ins(floor: Floor) -> None:
    """As time does, without closing the socket: the page notices by its next request."""
    await floor.run(
        "UPDATE sign_ins SET ended_at = :now, end_reason = 'EXPIRED'"
        " WHERE user_id = :user AND ended_at IS NULL",
        now=floor.clock.now(),
        user=floor.users[floor.agent],
    )


async def test_the_next_person_at_a_machine_finds_nothing_of_the_last(
    busy_floor: Floor, chromium: Browser
) -> None:
    desk = await sit(busy_floor, chromium)
    await wrap_up(desk)
    await type_note(desk, NOTE)
    await stored(busy_floor, NOTE)
    assert NOTE in await desk.page.evaluate(KEPT)
    await end_sign_ins(busy_floor)
    other = await enter(busy_floor, desk.page, busy_floor.colleague)
    assert NOTE not in await other.page.evaluate(KEPT)
    await other.page.context.close()
    mine = await enter(busy_floor, await (await person(chromium)).new_page(), busy_floor.agent)
    await leave_it(mine)
    await mine.page.context.close()
