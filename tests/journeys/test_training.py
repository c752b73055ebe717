"""Training at the desk: invented customers in the real page, and nothing of them in any book, wall or figure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from playwright.async_api import expect

from realtime.broker_redis import RedisBroker
from realtime.redis_client import connect
from tests.support.chromium import shoot
from tests.support.desk import SOON, Desk
from tests.support.eyes import examine
from tests.support.floor import LEAD

if TYPE_CHECKING:
    from tests.support.floor import Floor
    from tests.support.wall import Wall

SETTINGS = {"PACELINE_CARRIER_PROFILE": "patient"}
# Where it may be seen that somebody is at a seat: his sign-in, his break, the answers to his page's posts, and
# how many were free in each minute of dialing.
OF_PRESENCE = {
    "trainings", "agent_state_changes", "pace_minutes", "dialer_leases", "sign_ins", "idempotency_keys",
    "audit_events", "audit_links", "outbox_facts", "alerts", "users",
}  # fmt: skip
FIGURES = (
    "dialed",
    "answered",
    "abandoned",
    "abandon_pct",
    "promises",
    "promised_minor",
    "pop",
    "leads_left",
)

pytestmark = pytest.mark.timeout(240)


async def books(floor: Floor) -> dict[str, str]:
    """What stands in every table but those of presence, as a digest of its rows."""
    tables = await floor.all(
        "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    found = {}
    for name in sorted(row["name"] for row in tables if row["name"] not in OF_PRESENCE):
        row = await floor.one(
            f"SELECT count(*) || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) AS d FROM {name} t"
        )
        found[name] = row["d"]
    return found


async def figures(floor: Floor) -> dict[str, Any]:
    """The figures of the wall and of the agent's own desk, without how many people are on a break."""
    redis = connect(floor.house.redis_url)
    broker = RedisBroker(floor.house.redis_url, redis)
    found: dict[str, Any] = {}
    for channel in ("wall:campaigns", "wall:all", f"agent:{floor.users[floor.agent]}"):
        for _, key, value in (await broker.snapshot(channel)).cards:
            card = msgspec.msgpack.decode(value)
            if key == "stats" or key.startswith(("campaign", "floor", "team")):
                found[f"{channel} {key}"] = {each: card.get(each) for each in FIGURES}
    await broker.close()
    await redis.aclose()
    return found


async def counted_figures(floor: Floor) -> dict[str, Any]:
    """The same once the call that was made is counted everywhere: figures are drawn every few seconds."""
    (row,) = await floor.all("SELECT count(*) AS n FROM calls WHERE published_at IS NOT NULL")
    for _ in range(120):
        found = await figures(floor)
        pops = [card["pop"] for place, card in found.items() if place.startswith("wall:all team")]
        if all(pop and pop["n"] == row["n"] for pop in pops):
            return found
        await asyncio.sleep(0.5)
    raise TimeoutError("the call is never counted")


async def turn(desk: Desk) -> None:
    """Into training, or out of it, by the menu of breaks; its key is held back for half a second."""
    await desk.page.wait_for_timeout(520)
    await desk.page.keyboard.press("Alt+P")
    await expect(desk.at("pause-menu")).to_be_visible()
    await desk.at("pause-TRAIN").press("Enter")


async def practise(desk: Desk, outcome: str) -> None:
    """One call of practice, from ready to the next."""
    await desk.in_state("IN_CALL")
    await desk.page.keyboard.press(f"Alt+{outcome}")


@pytest.mark.req("S0a-086")
async def test_a_day_of_practice_leaves_every_figure_as_it_was(
    busy_floor: Floor, seat: Desk
) -> None:
    await seat.take_call()
    await seat.settle()  # so that there are figures that could change
    shown, before = await counted_figures(busy_floor), await books(busy_floor)

    await turn(seat)
    await expect(seat.at("training")).to_be_visible(timeout=SOON)
    await expect(seat.at("mode")).to_have_attribute("data-mode", "TRAINING")
    found = await examine(seat.page, "desk-training", "vi")
    await seat.page.keyboard.press("Alt+R")
    await practise(seat, "1")
    await expect(seat.at("customer-name")).to_contain_text("Thu Hà")
    await expect(seat.at("customer-says")).to_contain_text("Khách:")
    found += await examine(seat.page, "desk-training-call", "vi")
    for box in await seat.page.locator("[data-testid^=tick-]").all():
        await box.check()
    await expect(seat.at("saved")).to_have_attribute("data-saved", "saved", timeout=SOON)
    await expect(seat.at("verdict")).to_contain_text("Đúng")
    await seat.hang_up()
    found += await examine(seat.page, "desk-training-wrap-up", "vi")
    assert found == []
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("READY")
    await practise(seat, "9")
    await expect(seat.at("verdict")).to_contain_text("Nên chọn khác", timeout=SOON)
    await seat.hang_up()
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("READY")

    now = await counted_figures(busy_floor)
    changed = {place: (shown.get(place), now[place]) for place in now if now[place] != shown[place]}
    assert not changed, str(changed)
    assert await books(busy_floor) == before
    verbs = await busy_floor.all(
        "SELECT verb FROM audit_events WHERE verb LIKE 'training%' OR entity = 'call'"
    )
    assert [row["verb"] for row in verbs] == ["training_began"]


@pytest.mark.req("S0a-086")
async def test_training_and_its_call_survive_a_reload(seat: Desk) -> None:
    await seat.in_state("IN_CALL")
    name = await seat.at("customer-name").inner_text()
    await seat.at("note").fill("Khách nhờ kiểm tra")
    await seat.load()
    await seat.in_state("IN_CALL")
    await expect(seat.at("training")).to_be_visible()
    await expect(seat.at("customer-name")).to_have_text(name)
    await expect(seat.at("note")).to_have_value("Khách nhờ kiểm tra")
    async with seat.in_english():
        await seat.in_state("IN_CALL")
        assert await examine(seat.page, "desk-training-call", "en") == []


async def test_training_does_not_end_in_a_call_and_afterwards_real_calls_may_come(
    busy_floor: Floor, seat: Desk
) -> None:
    await turn(seat)
    await expect(seat.at("problem")).to_contain_text("cuộc gọi luyện tập")
    await expect(seat.at("training")).to_be_visible()
    await seat.choose("9")
    await seat.hang_up()
    await seat.page.keyboard.press("Control+Enter")
    await seat.in_state("READY")
    await turn(seat)
    await seat.in_state("PAUSED")
    await expect(seat.at("training")).to_have_count(0)
    await expect(seat.at("last-outcome")).to_have_count(0)
    call = await seat.take_call()
    assert await busy_floor.all("SELECT 1 FROM calls WHERE id = :call", call=call)
    await seat.settle()


async def test_a_team_lead_trains_an_agent_of_his_team(
    busy_floor: Floor, seat: Desk, lead: Wall
) -> None:
    await lead.open_agent(busy_floor.users[busy_floor.agent])
    await shoot(lead.page, "training-lead")
    await lead.at("train-begin").click()
    await expect(seat.at("training")).to_be_visible(timeout=SOON)
    path = f"/agents/{busy_floor.users[busy_floor.supervisor]}/training"
    assert await lead.post(path, {"on": True}) == 403
    assert (
        await lead.post(f"/agents/{busy_floor.users[busy_floor.agent]}/training", {"on": False})
        == 200
    )
    await expect(seat.at("training")).to_have_count(0, timeout=SOON)
    rows = await busy_floor.all(
        "SELECT actor_id FROM audit_events WHERE verb LIKE 'training%' ORDER BY at"
    )
    assert [row["actor_id"] for row in rows[-2:]] == [busy_floor.users[LEAD]] * 2


async def test_who_is_in_training_and_ready_is_given_no_call(busy_floor: Floor, seat: Desk) -> None:
    """Whatever a page asks for: the room has the agent on a break."""
    assert await seat.post("/desk/training", {"on": True}) == 200
    assert await seat.post("/desk/pause", {"reason": "LUNCH"}) == 200
    await seat.in_state("PAUSED")
    assert await seat.post("/desk/ready", {}) == 200
    await expect(seat.at("training")).to_be_visible(timeout=SOON)
    await busy_floor.until(
        "SELECT 1 FROM (SELECT status, reason FROM agent_state_changes WHERE agent_id = :agent"
        " ORDER BY at DESC, id DESC LIMIT 1) last WHERE status = 'PAUSED' AND reason = 'TRAINING'",
        agent=busy_floor.users[busy_floor.agent],
    )
