"""What is said, in a real browser: the script and why, its steps, statements that block, objections, privacy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from app.audit.service import Actor
from app.scripts import service as scripts
from app.scripts.rules import Condition
from tests.support.axe import faults
from tests.support.chromium import shoot, whatever_is_cut_off
from tests.support.desk import SOON, Desk, open_desk, same_person
from tests.support.floor import CAMPAIGN, DPD
from tests.support.scripts import a_script

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

    from tests.support.floor import Floor

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
# Of the customers of this floor: amounts, days past due, the loan's number; however they are written.
DEBT = re.compile(rf"5[.,\s]?420|38[.,\s]?900|\b{DPD} (ngày|days)|4417|Thẻ tín dụng|Credit card")

pytestmark = pytest.mark.timeout(240)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy_floor(floor: Floor) -> Floor:
    floor.load_people(80)
    await floor.open_campaign(CAMPAIGN, lines=1, wrapup_s=15)
    return floor


async def told(desk: Desk) -> str:
    """Everything in the page that a person, a reader or a look at its source could come by."""
    source: str = await desk.page.evaluate(
        """() => {
          const copy = document.documentElement.cloneNode(true);
          for (const script of copy.querySelectorAll("script")) script.remove();
          const typed = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
          return [document.title, copy.outerHTML, ...typed].join("\\n");
        }"""
    )
    return source.replace("\u00a0", " ")


@pytest.mark.req("S1-035")
async def test_ad15_somebody_else_on_the_line_hides_every_amount_at_once(desk: Desk) -> None:
    await desk.take_call()
    await expect(desk.at("due")).to_be_visible(timeout=SOON)
    assert DEBT.search(await told(desk))
    mine = await desk.at("script-why").get_attribute("data-script")

    # Nothing may be asked of the server first: the line is cut before the key is pressed.
    await desk.page.context.set_offline(True)
    try:
        await desk.page.keyboard.press("Alt+8")
        await expect(desk.at("privacy")).to_be_visible()
        left = DEBT.search(await told(desk))
        assert not left, left
        await expect(desk.at("script-why")).to_have_attribute("data-script", "THIRD_PARTY")
        assert await desk.at("compliance").locator("li").count() == 1
        await desk.page.keyboard.press("Alt+O")
        assert not DEBT.search(await told(desk))
        await expect(desk.at("objection-WHAT_IS_IT_ABOUT")).to_be_visible()
        await desk.page.keyboard.press("Escape")
        await shoot(desk.page, "ad15-third-party")

        await desk.at("customer-back").click()
        await expect(desk.at("due")).to_contain_text("5.420.000")
        await expect(desk.at("script-why")).to_have_attribute("data-script", mine or "")
    finally:
        await desk.page.context.set_offline(False)
    await desk.page.keyboard.press("Escape")
    await desk.at("outcome-8").click()
    await expect(desk.at("privacy")).to_be_visible()
    await desk.page.keyboard.press("Alt+9")
    await expect(desk.at("due")).to_contain_text("5.420.000")
    await desk.settle()


@pytest.mark.req("S0b-029")
async def test_ad16_a_promise_waits_for_what_must_be_said(busy_floor: Floor, desk: Desk) -> None:
    call = await desk.take_call()
    await desk.page.keyboard.press("Alt+1")
    await expect(desk.at("promise-form")).to_be_visible()
    await desk.page.keyboard.press("Enter")
    await expect(desk.at("tick-RECORDING_NOTICE")).to_be_focused()
    await expect(desk.at("missing")).to_contain_text("Tóm tắt lời hứa")
    await expect(desk.at("saved")).to_have_attribute("data-saved", "none")
    await shoot(desk.page, "ad16-missing")
    assert await whatever_is_cut_off(desk.page, ["tick-PROMISE_SUMMARY", "script-why"]) == []
    refused = await desk.post("/desk/outcome", {"call": call, "leaf": "PTP_SCHEDULED",
        "promise": {"amount_minor": 5_420_000, "currency": "VND", "due_on": "2030-01-01"}})  # fmt: skip
    assert refused == 422

    boxes = desk.at("compliance").locator("input")
    for place in range(await boxes.count()):
        await boxes.nth(place).check()
    await expect(desk.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    (action,) = await busy_floor.until(
        "SELECT ticked, script_version, details FROM actions WHERE call_id = :call", call=call
    )
    assert {"RECORDING_NOTICE", "PROMISE_SUMMARY"} <= {each["code"] for each in action["ticked"]}
    assert action["script_version"] == 1
    await desk.settle()


@pytest.mark.req("S0b-011", "S0b-027", "S1-037")
async def test_steps_are_ticked_as_they_are_said_and_kept_with_the_outcome(
    busy_floor: Floor, desk: Desk
) -> None:
    call = await desk.take_call()
    why = desk.at("script-why")
    await expect(why).to_contain_text("Quá hạn")
    await expect(why).to_contain_text("vì số ngày quá hạn trên 0")
    assert await whatever_is_cut_off(desk.page, ["script-step", "objections"]) == []
    for step in ("1/5", "2/5"):
        await expect(desk.at("script-step")).to_have_text(step)
        await desk.page.keyboard.press("Alt+S")
    await expect(desk.at("script-step")).to_have_text("3/5")
    await expect(desk.at("step-said")).not_to_be_checked()
    await desk.at("step-said").check()
    await desk.choose("9")
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    (action,) = await busy_floor.until(
        "SELECT details FROM actions WHERE call_id = :call", call=call
    )
    assert action["details"]["script"]["code"] == "OVERDUE"
    assert action["details"]["script"]["steps"] == [1, 2, 3]
    await desk.settle()


@pytest.mark.req("S0b-028")
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_objections_are_found_by_key_and_a_few_letters(
    busy_floor: Floor, chromium: Browser, window: BrowserContext, language: str
) -> None:
    async with same_person(busy_floor, chromium, window, language=language) as own:
        desk = await open_desk(busy_floor, own)
        assert await desk.post("/me/preferences", {"language": language}) == 200
        await desk.load()
        await desk.take_call()
        await desk.page.keyboard.press("Alt+O")
        await expect(desk.at("objection-search")).to_be_focused()
        options = desk.page.get_by_role("option")
        assert await options.count() >= 8
        await desk.page.keyboard.type("mat viec" if language == "vi" else "lost")
        await expect(options).to_have_count(1)
        await expect(desk.at("objection-reply")).to_contain_text("giãn nợ")  # said in his language
        await shoot(desk.page, f"objections-{language}")
        assert await faults(desk.page) == []
        for _ in range(8):
            await desk.page.keyboard.press("Backspace")
        await desk.page.keyboard.press("ArrowDown")
        await expect(desk.at("objection-ALREADY_PAID")).to_have_attribute("aria-selected", "true")
        await desk.page.keyboard.type("zzz")
        await expect(desk.at("no-objection")).to_be_visible()
        await desk.page.keyboard.press("Escape")
        await expect(desk.at("script")).to_be_visible()
        await desk.settle()
        assert await desk.post("/me/preferences", {"language": "vi"}) == 200


@pytest.mark.req("S0b-027")
async def test_what_is_published_is_said_in_the_next_call(busy_floor: Floor, desk: Desk) -> None:
    own = a_script(
        code="CAMPAIGN_CARDS",
        title=("Thẻ tháng này", "Cards this month"),
        priority=15,
        when=Condition("campaign", "=", CAMPAIGN),
        lines=(("{greeting} Xin nói về ưu đãi.", "{greeting} About an offer."),),
    )
    author = Actor(busy_floor.users[busy_floor.supervisor], role="SUPERVISOR")
    async with busy_floor.database.writing() as session:
        await scripts.save(session, own, 0, author, busy_floor.clock.now())
        newest = (await scripts.working(session)).base.version
        version = await scripts.publish(session, newest, "", author, busy_floor.clock.now())
    call = await desk.take_call()
    await expect(desk.at("script-why")).to_contain_text(f"vì chiến dịch là {CAMPAIGN}")
    await expect(desk.at("script")).to_contain_text("Xin nói về ưu đãi.")
    await desk.choose("9")
    await desk.hang_up()
    await desk.page.keyboard.press("Control+Enter")
    (action,) = await busy_floor.until(
        "SELECT script_version FROM actions WHERE call_id = :call", call=call
    )
    assert action["script_version"] == version
    await desk.settle()


@pytest.mark.req("S0a-076")
async def test_a_note_template_is_put_in_by_two_keys(busy_floor: Floor, desk: Desk) -> None:
    call = await desk.take_call()
    await desk.page.keyboard.press("Alt+T")
    await desk.page.keyboard.type("Khách vui vẻ.")
    await desk.page.keyboard.press("Alt+Q")
    await expect(desk.at("template-PROMISED")).to_be_focused()
    await shoot(desk.page, "note-templates")
    await desk.page.keyboard.press("1")
    note = desk.at("note")
    await expect(note).to_be_focused()
    await expect(note).to_have_value(
        re.compile("^Khách vui vẻ.\\n.* hẹn trả 5.420.000.*: …$", re.DOTALL)
    )
    await desk.page.keyboard.type("lương trễ")
    await expect(note).to_have_value(re.compile("lý do chậm: lương trễ$"))
    await busy_floor.until(
        "SELECT 1 FROM drafts WHERE call_id = :call AND body->>'note' LIKE '%lương trễ'", call=call
    )
    await desk.page.keyboard.press("Escape")
    await desk.at("outcome-8").click()
    await expect(desk.at("open-templates")).to_be_disabled()
    await desk.settle()
