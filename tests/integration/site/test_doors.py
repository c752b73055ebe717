"""Who may pass which door: the registry, each address and each role; headers; health."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from starlette.routing import Mount, Route

from app.people.doors import Deed, Needs, Whom
from app.people.rules import UNDIVIDED, Permission
from realtime.endpoint import is_welcome
from tests.integration.site.conftest import PROXY, ROLES
from tests.support.browser import Browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.main import Site

ANYBODY = {"/login", "/healthz", "/readyz", "/metrics"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browsers(site: Site) -> AsyncIterator[dict[str, Browser]]:
    found = {}
    for role in ROLES:
        found[role] = Browser(site)
        answer = await found[role].sign_in(role.lower())
        assert answer.status_code == 200, answer.text
    yield found
    for browser in found.values():
        await browser.client.aclose()


def filled(path: str) -> str:
    """An address with an id of nobody and nothing in each of its places."""
    return re.sub(r"\{\w+\}", "019aaf00-0000-7000-8000-000000000001", path)


def test_every_address_stands_in_the_registry(site: Site) -> None:
    open_site = site.opened
    named = {(door.method, door.path) for door in open_site.doors}
    routed = set()
    for route in open_site.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        routed |= {(m, route.path) for m in (route.methods or ()) if m != "HEAD"}
    assert routed == named


def test_only_signing_in_and_health_are_open_to_anybody(site: Site) -> None:
    open_doors = {door.path for door in site.opened.doors if door.needs is Needs.NOTHING}
    assert open_doors == ANYBODY


def test_every_deed_needs_somebody(site: Site) -> None:
    deeds = [door for door in site.opened.doors if isinstance(door, Deed)]
    assert deeds
    assert all(deed.needs is not Needs.NOTHING for deed in deeds)


def test_what_is_done_without_the_books_is_about_nobody_else(site: Site) -> None:
    """Such a deed is judged by what this process remembers, and no team is looked up for it."""
    spoken = [door for door in site.opened.doors if isinstance(door, Deed) and door.spoken]
    assert spoken
    about_himself = UNDIVIDED | {Needs.SIGN_IN}
    assert all(deed.whom is Whom.NOBODY and deed.needs in about_himself for deed in spoken)


async def test_nobody_passes_a_door_that_needs_somebody(site: Site) -> None:
    async with Browser(site) as stranger:
        for door in site.opened.doors:
            if door.needs is Needs.NOTHING:
                continue
            path = filled(door.path)
            if door.method == "GET":
                answer = await stranger.get(path)
            else:
                answer = await stranger.post(path)
            assert answer.status_code == 401, f"{door.method} {door.path}: {answer.status_code}"


def test_every_door_of_a_permission_by_teams_says_whom_it_is_about(site: Site) -> None:
    """Else nobody would look at the scope, and a team lead would reach every team."""
    silent = [
        f"{door.method} {door.path}"
        for door in site.opened.doors
        if isinstance(door.needs, Permission)
        and door.needs not in UNDIVIDED
        and door.whom is Whom.NOBODY
    ]
    assert not silent


async def test_deeds_are_refused_to_other_sites_and_without_the_token(
    site: Site, browsers: dict[str, Browser]
) -> None:
    browser = browsers["SUPERVISOR"]
    for door in site.opened.doors:
        if door.method != "POST" or door.path == "/login":
            continue
        path = filled(door.path)
        elsewhere = await browser.post(path, Origin="https://evil.example")
        assert elsewhere.status_code == 403, door.path
        bare = await browser.post(path, **{"X-CSRF-Token": "forged"})
        assert bare.status_code == 403, door.path


async def test_pages_behind_a_proxy_are_ours_when_the_operator_says_so(
    site: Site, browsers: dict[str, Browser]
) -> None:
    """For deeds and for sockets alike."""
    assert (await browsers["AGENT"].post("/ws/ticket", Origin=PROXY)).status_code == 200
    manners = site.opened.realtime.manners
    assert is_welcome({"origin": PROXY, "host": "10.0.0.7:8000"}, manners.origins, "ws")
    assert not is_welcome({"origin": PROXY, "host": "10.0.0.7:8000"}, (), "ws")


async def test_collector_keeps_off_the_sockets_of_the_site(site: Site) -> None:
    assert site.opened.realtime.manners.settle_memory


@pytest.mark.parametrize("path", ["/login", "/static/none.js", "/nowhere", "/healthz"])
async def test_every_answer_says_what_a_page_may_do(site: Site, path: str) -> None:
    async with Browser(site, accept="text/html") as browser:
        answer = await browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_pages_hold_no_script_but_the_boot_block(browsers: dict[str, Browser]) -> None:
    for role, path in (("AGENT", "/desk"), ("SUPERVISOR", "/wall")):
        page = (await browsers[role].get(path, Accept="text/html")).text
        inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag]
        assert inline == ['<script type="application/json" id="boot">']
        assert not re.findall(r"\son\w+=", page)
        assert " style=" not in page


async def test_unknown_address_is_a_page_for_people_and_json_for_programs(site: Site) -> None:
    async with Browser(site, accept="text/html") as person, Browser(site) as program:
        page = await person.get("/nowhere")
        assert page.status_code == 404
        assert 'data-testid="error-page"' in page.text
        told = await program.get("/nowhere")
        assert told.status_code == 404
        assert told.json()["error"]["code"] == "HTTP_404"


async def test_health_readiness_and_figures_are_told(site: Site) -> None:
    async with Browser(site) as browser:
        assert (await browser.get("/healthz")).json() == {"ok": True}
        ready = await browser.get("/readyz")
        assert set(ready.json()["reasons"]) == {"database", "redis", "sockets"}
        assert ready.json()["reasons"]["database"] is None
        figures = await browser.get("/metrics")
        assert "paceline_http_seconds_bucket" in figures.text
        hidden = await browser.get("/metrics", **{"X-Forwarded-For": "8.8.8.8"})
        assert hidden.status_code == 404


async def test_too_much_is_refused_before_it_is_read(browsers: dict[str, Browser]) -> None:
    answer = await browsers["SUPERVISOR"].post("/me/preferences", {"x": "y" * 70_000})
    assert answer.status_code == 413
