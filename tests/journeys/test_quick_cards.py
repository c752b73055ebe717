"""Zone B: five cards by click and by key, as each agent left them; and a call whose customer is not found."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import text

from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
KEYS = {"last": "L", "payments": "Y", "promises": "M", "loans": "H"}

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    """Customers with an instruction that must be read, a payment and a promise that runs."""
    floor.load_people(60)
    values = {"now": floor.clock.now()}
    async with floor.database.writing() as session:
        await session.execute(
            text("UPDATE customers SET handling_instruction = 'Không gọi nơi làm việc.'")
        )
        await session.execute(
            text(
                "INSERT INTO payments (id, customer_id, loan_id, amount_minor, currency, paid_on,"
                " paid_at, method, status, source, reference)"
                " SELECT gen_random_uuid(), customer_id, id, 1200000, 'VND', CAST(:now AS date) - 9,"
                " CAST(:now AS timestamptz) - interval '9 days', 'QR', 'POSTED', 'test', id::text"
                " FROM loans"
            ),
            values,
        )
        await session.execute(
            text(
                "INSERT INTO promises (id, customer_id, loan_id, amount_minor, currency, due_on,"
                " state, created_at, grace_days, threshold_pct, tolerance_minor)"
                " SELECT gen_random_uuid(), customer_id, id, 2000000, 'VND', CAST(:now AS date) + 3,"
                " 'OPEN', :now, 1, 100, 10000 FROM loans"
            ),
            values,
        )
    await floor.open_campaign(lines=1, wrapup_s=15)
    return floor


@pytest_asyncio.fixture(loop_scope="session")
async def desk(busy_floor: Floor, window: BrowserContext) -> AsyncIterator[Desk]:
    desk = await open_desk(busy_floor, window)
    yield desk
    await desk.settle()
    await desk.page.close()


async def open_cards(desk: Desk) -> set[str]:
    """The cards that are spread out."""
    names: list[str] = await desk.page.eval_on_selector_all(
        ".card-body", "nodes => nodes.map((node) => node.id.replace('card-', ''))"
    )
    return set(names)


@pytest.mark.req("S0b-022", "S0b-024", "S0b-025", "S0b-040")
async def test_cards_open_and_close_by_key_and_click_and_stay_as_they_were_left(
    desk: Desk,
) -> None:
    await desk.take_call()
    assert await open_cards(desk) == {"last", "handling"}
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    for name, key in KEYS.items():
        before = await open_cards(desk)
        await desk.page.keyboard.press(f"Alt+{key}")
        assert await open_cards(desk) == before ^ {name}
        await expect(desk.at(f"card-{name}")).to_have_attribute(
            "aria-expanded", str(name not in before).lower()
        )
    assert asked == [], "what a card shows is there already"
    assert await open_cards(desk) == {"payments", "promises", "loans", "handling"}
    await expect(desk.at("body-payments")).to_contain_text("1.200.000")
    await expect(desk.at("body-payments")).to_contain_text("VietQR")
    await expect(desk.at("body-promises")).to_contain_text("Sắp đến hạn")
    await expect(desk.at("card-promises")).to_contain_text("2.000.000")
    await desk.at("card-loans").click()
    assert await open_cards(desk) == {"payments", "promises", "handling"}
    await shoot(desk.page, "cards-open")

    await desk.page.reload()
    await expect(desk.at("body-payments")).to_be_visible(timeout=SOON)
    assert await open_cards(desk) == {"payments", "promises", "handling"}
    kept = await desk.page.evaluate("JSON.stringify(localStorage)")
    assert (await desk.screen())["customer"]["cif"] not in kept


@pytest.mark.req("S0b-040")
async def test_a_card_opens_within_a_tenth_of_a_second(desk: Desk) -> None:
    await desk.take_call()
    taken = await desk.page.evaluate(
        """async () => {
          const cards = document.querySelector("quick-cards"), taken = [];
          for (let turn = 0; turn < 9; turn++) {
            const from = performance.now();
            dispatchEvent(new KeyboardEvent("keydown", { code: "KeyY", altKey: true }));
            await cards.updateComplete;
            cards.getBoundingClientRect();
            taken.push(performance.now() - from);
          }
          return taken;
        }"""
    )
    assert median(taken) <= 100, taken


@pytest.mark.req("S0b-026")
async def test_ad17_what_must_be_read_cannot_be_closed(desk: Desk) -> None:
    await desk.take_call()
    handling = desk.at("card-handling")
    await expect(handling).to_have_attribute("aria-disabled", "true")
    await desk.page.keyboard.press("Alt+G")
    await handling.click(force=True)  # it is said to be disabled
    await expect(desk.at("body-handling")).to_be_visible()
    await expect(desk.at("body-handling")).to_contain_text("Không gọi nơi làm việc.")
    await expect(handling).to_have_attribute("aria-expanded", "true")


@pytest.mark.req("S0b-001")
async def test_a_call_whose_customer_is_not_found_can_be_worked_with(
    busy_floor: Floor, desk: Desk
) -> None:
    async with busy_floor.database.writing() as session:
        await session.execute(text("ALTER TABLE hardships RENAME TO hardships_away"))
    try:
        await desk.take_call()
        screen = await desk.screen()
        assert screen["customer"] is None
        await expect(desk.at("unknown-customer")).to_contain_text("Không tìm thấy hồ sơ")
        shown = (await desk.at("customer-name").inner_text()).replace(" ", "")
        assert shown == screen["call"]["number"].replace("+84", "0")
        await expect(desk.at("reason")).to_have_text(screen["call"]["campaign"]["name"])
        await shoot(desk.page, "unknown-customer")
        await desk.choose("9")
        await desk.hang_up()
        await desk.page.keyboard.press("Control+Enter")
        await busy_floor.until(
            "SELECT 1 FROM actions WHERE call_id = :call AND leaf = 'HUNG_UP_BEFORE_ID'",
            call=screen["call"]["id"],
        )
    finally:
        async with busy_floor.database.writing() as session:
            await session.execute(text("ALTER TABLE hardships_away RENAME TO hardships"))
