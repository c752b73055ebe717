"""One suite for `realtime.ticket.TicketBook`, run over memory and over every kind of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from realtime.broker import BrokerLost
from realtime.broker_memory import MemoryBroker
from realtime.broker_redis import RedisBroker
from realtime.closing import Close
from realtime.redis_client import connect
from realtime.ticket import RESUME_WITHIN_MS, Opening, Ticket, TicketRefused, make_token
from realtime.ticket_memory import MemoryTicketBook
from realtime.ticket_redis import RedisTicketBook
from tests.support.redis_sets import KINDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from realtime.broker import Broker
    from realtime.ticket import TicketBook

NOW = 1_795_363_167_560


@pytest_asyncio.fixture(params=["memory", *KINDS])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[tuple[TicketBook, Broker]]:
    if request.param == "memory":
        broker = MemoryBroker()
        yield MemoryTicketBook(broker.standings), broker
        return
    url = request.getfixturevalue(request.param)
    async with connect(url) as client:
        await client.flushall()
        yield RedisTicketBook(client), RedisBroker(url, client)


@pytest.fixture
def book(place: tuple[TicketBook, Broker]) -> TicketBook:
    return place[0]


@pytest.fixture
def broker(place: tuple[TicketBook, Broker]) -> Broker:
    return place[1]


def token(session: str, chance: bytes, user: str = "7") -> str:
    return make_token(user, session, chance)


def opening(
    nonce: str = "n1",
    *,
    desk: bool = True,
    user: str = "7",
    issue: str = "sign-in",
    standing: int = 0,
) -> Opening:
    ticket = Ticket(user, ("agent:7", "wall"), NOW + 30_000, nonce, issue, standing)
    exclusive = f"agent:{user}" if desk else None
    channels = (f"agent:{user}",) if desk else ("wall",)
    return Opening(ticket, channels, token(nonce, b"first", user), exclusive)


async def test_a_ticket_opens_one_socket(book: TicketBook) -> None:
    grant = await book.admit(opening(), NOW)
    assert (grant.user, grant.session, grant.link) == ("7", "n1", "n1/1")
    assert grant.channels == ("agent:7",)
    assert grant.token == token("n1", b"first")
    assert grant.exclusive == "agent:7"
    assert not grant.taken_over
    with pytest.raises(TicketRefused, match="used before") as refused:
        await book.admit(opening(), NOW + 1)
    assert refused.value.code is Close.TICKET_REFUSED


async def test_a_token_is_exchanged_once_and_each_socket_has_its_own_name(book: TicketBook) -> None:
    first = await book.admit(opening(), NOW)
    second = await book.resume(first.token, token("n1", b"second"), NOW + 1)
    assert (second.link, second.channels, second.exclusive) == ("n1/2", ("agent:7",), "agent:7")
    third = await book.resume(second.token, token("n1", b"third"), NOW + 2)
    assert third.link == "n1/3"
    for used in (first.token, second.token):
        with pytest.raises(TicketRefused, match="used before"):
            await book.resume(used, token("n1", b"x"), NOW + 3)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "!!.!!.!!", "é.é.é", "YQ.YQ.YQ"])
async def test_what_is_no_token_of_ours_is_refused(book: TicketBook, text: str) -> None:
    with pytest.raises(TicketRefused) as refused:
        await book.resume(text, token("n1", b"x"), NOW)
    assert refused.value.code is Close.TICKET_REFUSED


async def test_a_token_lasts_two_minutes_after_the_last_sign_of_life(book: TicketBook) -> None:
    grant = await book.admit(opening(), NOW)
    await book.keep([grant], NOW + 50_000)
    await book.keep([grant], NOW + 40_000)  # older news change nothing
    await book.keep([], NOW)
    last = NOW + 50_000 + RESUME_WITHIN_MS
    kept = await book.resume(grant.token, token("n1", b"second"), last)
    with pytest.raises(TicketRefused, match="expired"):
        await book.resume(kept.token, token("n1", b"third"), last + RESUME_WITHIN_MS + 1)
    with pytest.raises(TicketRefused, match="unknown"):
        await book.resume(kept.token, token("n1", b"third"), last)


@pytest.mark.req("P0-001")
async def test_a_newer_desk_takes_over_and_the_older_cannot_come_back(book: TicketBook) -> None:
    older = await book.admit(opening("n1"), NOW)
    newer = await book.admit(opening("n2"), NOW + 1)
    assert newer.taken_over
    with pytest.raises(TicketRefused) as refused:
        await book.resume(older.token, token("n1", b"second"), NOW + 2)
    assert refused.value.code is Close.TAKEN_OVER
    assert (await book.resume(newer.token, token("n2", b"second"), NOW + 3)).link == "n2/2"


async def test_a_wall_takes_nothing_over_and_is_not_taken_over(book: TicketBook) -> None:
    desk = await book.admit(opening("n1"), NOW)
    wall = await book.admit(opening("n2", desk=False), NOW)
    assert not wall.taken_over
    assert wall.exclusive is None
    await book.resume(desk.token, token("n1", b"second"), NOW)
    assert (await book.resume(wall.token, token("n2", b"second"), NOW)).exclusive is None


async def test_one_persons_desk_does_not_touch_anothers(book: TicketBook, broker: Broker) -> None:
    mine = await book.admit(opening("n1", user="7"), NOW)
    theirs = await book.admit(opening("n2", user="8"), NOW)
    assert not theirs.taken_over
    await broker.command("8", Close.SIGNED_OUT, "out")
    await book.resume(mine.token, token("n1", b"second"), NOW)


async def test_who_was_signed_out_cannot_resume_and_hears_why(
    book: TicketBook, broker: Broker
) -> None:
    desk = await book.admit(opening("n1"), NOW)
    wall = await book.admit(opening("n2", desk=False), NOW)
    await broker.command("7", Close.SIGNED_OUT, "signed out by a team lead")
    for grant in (desk, wall):
        with pytest.raises(TicketRefused, match="by a team lead") as refused:
            await book.resume(grant.token, token(grant.session, b"x"), NOW)
        assert refused.value.code is Close.SIGNED_OUT


async def test_who_signs_in_again_after_an_order_is_above_it(
    book: TicketBook, broker: Broker
) -> None:
    await broker.command("7", Close.SIGNED_OUT, "out")
    now = await book.standing("7")
    desk = await book.admit(opening("n1", standing=now), NOW)
    wall = await book.admit(opening("n2", desk=False, standing=now), NOW)
    assert (await book.resume(desk.token, token("n1", b"x"), NOW)).standing == desk.standing
    assert (await book.resume(wall.token, token("n2", b"x"), NOW)).standing == wall.standing


@pytest.mark.req("S0c-002")
@pytest.mark.parametrize("code", [Close.SIGNED_OUT, Close.TICKET_REFUSED])
async def test_tickets_and_tokens_of_before_an_order_that_bars_are_worthless(
    book: TicketBook, broker: Broker, code: Close
) -> None:
    """Whoever was given other roles is judged by them, also when he resumes or held a ticket back."""
    issued = await book.standing("7")
    wall = await book.admit(opening("n1", desk=False, standing=issued), NOW)
    await broker.command("7", code, "other roles")
    with pytest.raises(TicketRefused, match="other roles") as resumed:
        await book.resume(wall.token, token("n1", b"x"), NOW)
    with pytest.raises(TicketRefused, match="other roles") as held_back:
        await book.admit(opening("n2", standing=issued), NOW)
    assert resumed.value.code is held_back.value.code is code
    fresh = await book.admit(opening("n3", standing=await book.standing("7")), NOW)
    assert (await book.resume(fresh.token, token("n3", b"x"), NOW)).link == "n3/2"


async def test_an_order_to_one_issue_ends_that_issue_and_no_other(
    book: TicketBook, broker: Broker
) -> None:
    here = await book.admit(opening("n1", desk=False, issue="here"), NOW)
    there = await book.admit(opening("n2", desk=False, issue="there"), NOW)
    assert (here.issue, there.issue) == ("here", "there")
    await broker.command("7", Close.SIGNED_OUT, "signed out here", issue="here")
    with pytest.raises(TicketRefused, match="signed out here") as resumed:
        await book.resume(here.token, token("n1", b"x"), NOW)
    late = opening("n3", issue="here", standing=await book.standing("7"))
    with pytest.raises(TicketRefused, match="signed out here"):
        await book.admit(late, NOW)
    assert resumed.value.code is Close.SIGNED_OUT
    assert (await book.resume(there.token, token("n2", b"x"), NOW)).issue == "there"


async def test_an_issue_that_is_told_to_come_back_is_not_over(
    book: TicketBook, broker: Broker
) -> None:
    await book.admit(opening("n1", desk=False, issue="here"), NOW)
    await broker.command("7", Close.TICKET_REFUSED, "reset", issue="here")
    fresh = opening("n2", desk=False, issue="here", standing=await book.standing("7"))
    assert (await book.admit(fresh, NOW)).issue == "here"


async def test_an_order_to_come_back_bars_nobody(book: TicketBook, broker: Broker) -> None:
    desk = await book.admit(opening("n1"), NOW)
    await broker.command("7", Close.INTERNAL, "reset by a team lead")
    await book.resume(desk.token, token("n1", b"x"), NOW)


async def test_each_newer_desk_stands_above_all_older_sockets(book: TicketBook) -> None:
    wall = await book.admit(opening("n0", desk=False), NOW)
    desks = [await book.admit(opening(f"n{n}"), NOW) for n in (1, 2, 3)]
    standings = [grant.standing for grant in (wall, *desks)]
    assert standings == sorted(set(standings))


async def test_long_dead_sessions_do_not_pile_up(book: TicketBook) -> None:
    old = await book.admit(opening("n1", desk=False), NOW)
    await book.admit(opening("n2", desk=False), NOW + RESUME_WITHIN_MS + 10)
    with pytest.raises(TicketRefused, match=r"unknown|expired"):
        await book.resume(old.token, token("n1", b"x"), NOW + RESUME_WITHIN_MS + 11)


async def test_a_book_out_of_reach_is_said_to_be_lost() -> None:
    async with connect("unix:///nowhere/redis.sock") as client:
        book = RedisTicketBook(client)
        grant = await MemoryTicketBook().admit(opening(), NOW)
        for question in (
            book.admit(opening(), NOW),
            book.resume(grant.token, grant.token, NOW),
            book.keep([grant], NOW),
            book.standing("7"),
        ):
            with pytest.raises(BrokerLost):
                await question
