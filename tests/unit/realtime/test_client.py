"""The client of the protocol: store, receipts, clock, and whether and when to return."""

from typing import Any

import msgpack
import pytest

from realtime.client import (
    BACK_OFF_MOST_MS,
    STALE_AFTER_MS,
    Breach,
    Changed,
    Client,
    Farewell,
    Freshened,
    Replaced,
    Return,
    Stale,
    Welcomed,
)
from realtime.closing import Close


def down(client: Client, now_ms: int = 0, /, **frame: Any) -> list[Any]:
    return client.receive(msgpack.packb(frame), now_ms)


def welcomed() -> Client:
    client = Client("ticket")
    client.connected(0)
    down(client, 0, t="welcome", v=1, now=0, user="7", session="s/1", token="token", beat=5000)
    return client


def snapshot(client: Client, *cards: Any, offset: int = 5, **more: Any) -> list[Any]:
    plain = {"t": "snapshot", "ch": "c", "ep": "e", "o": offset, "part": 0, "last": True}
    return down(client, 0, **(plain | more), cards=list(cards))


def test_the_first_message_is_a_hello_with_the_wish() -> None:
    client = Client("ticket", ("a",))
    assert msgpack.unpackb(client.connected(0)) == {
        "t": "hello",
        "v": 1,
        "ticket": "ticket",
        "want": ["a"],
    }


def test_a_later_message_resumes_from_the_positions() -> None:
    client = welcomed()
    snapshot(client, [5, "k", 1])
    assert msgpack.unpackb(client.connected(0)) == {
        "t": "resume",
        "v": 1,
        "token": "token",
        "at": {"c": ["e", 5]},
    }


def test_the_clock_is_read_in_the_middle_and_bounded_by_half_the_round_trip() -> None:
    client = Client("ticket")
    client.connected(1_000)
    (event,) = down(
        client, 1_100, t="welcome", v=1, now=9_050, user="7", session="s/1", token="t", beat=5000
    )
    assert event == Welcomed("7", "s/1", 9_050)
    assert (client.offset_ms, client.error_ms) == (8_000, 50)


def test_a_snapshot_replaces_the_channel_when_its_last_piece_has_come() -> None:
    client = welcomed()
    snapshot(client, [1, "old", 1])
    assert snapshot(client, [6, "a", 1], offset=9, last=False) == []
    assert client.store == {"c": {"old": 1}}
    assert snapshot(client, [7, "b", 2], offset=9, part=1) == [Replaced("c", {"a": 1, "b": 2})]
    assert client.store == {"c": {"a": 1, "b": 2}}


def test_a_snapshot_cut_off_and_begun_again_holds_nothing_of_the_former() -> None:
    client = welcomed()
    snapshot(client, [1, "lost", 1], last=False)
    assert snapshot(client, [2, "k", 2]) == [Replaced("c", {"k": 2})]


def test_changes_are_applied_in_order_and_what_is_known_is_skipped() -> None:
    client = welcomed()
    snapshot(client, [5, "a", 1], [4, "b", 1])
    events = down(
        client, 0, t="cards", ch="c", ep="e", cards=[[5, "a", 0], [6, "a", 2], [8, "b", None]]
    )
    assert events == [Changed("c", "a", 2, 6), Changed("c", "b", None, 8)]
    assert client.store == {"c": {"a": 2}}
    assert down(client, 0, t="cards", ch="c", ep="e", cards=[[9, "never there", None]])


@pytest.mark.parametrize("channel", ["c", "unknown"])
def test_changes_of_another_life_are_a_breach_and_forgotten(channel: str) -> None:
    client = welcomed()
    snapshot(client, [5, "a", 1])
    with pytest.raises(Breach):
        down(client, 0, t="cards", ch=channel, ep="f", cards=[[6, "a", 2]])
    assert channel not in client.store


def test_a_screen_is_acknowledged_in_snapshot_and_change_but_not_when_removed() -> None:
    client = welcomed()
    snapshot(client, [5, "screen:1", 1], [4, "call", 1])
    down(client, 0, t="cards", ch="c", ep="e", cards=[[6, "screen:1", 2], [7, "screen:1", None]])
    assert [msgpack.unpackb(sent) for sent in client.outbox] == [
        {"t": "got", "ch": "c", "key": "screen:1", "o": 5},
        {"t": "got", "ch": "c", "key": "screen:1", "o": 6},
    ]


def test_painting_is_reported_on_the_servers_clock_with_the_cards_own_offset() -> None:
    client = Client("ticket")
    client.connected(0)
    down(client, 20, t="welcome", v=1, now=1_010, user="7", session="s", token="t", beat=5000)
    snapshot(client, [3, "screen:1", 1], offset=9)
    assert msgpack.unpackb(client.paint("c", "screen:1", 500)) == {
        "t": "painted",
        "ch": "c",
        "key": "screen:1",
        "o": 3,
        "at": 1_500,
        "err": 10.0,
    }


def test_a_beat_is_answered_with_its_number() -> None:
    client = welcomed()
    assert down(client, 0, t="beat", n=7, now=0) == []
    assert [msgpack.unpackb(sent) for sent in client.outbox] == [{"t": "pong", "n": 7}]


def test_stale_holds_until_fresh() -> None:
    client = welcomed()
    assert down(client, 0, t="stale") == [Stale()]
    assert client.is_stale
    assert down(client, 0, t="fresh") == [Freshened()]
    assert not client.is_stale


def test_what_a_later_version_says_is_passed_over() -> None:
    assert down(welcomed(), 0, t="sing", song=1) == []


def test_a_silent_server_is_dead_after_seven_seconds() -> None:
    client = welcomed()
    down(client, 1_000, t="beat", n=1, now=0)
    assert not client.is_dead(1_000 + STALE_AFTER_MS)
    assert client.is_dead(1_001 + STALE_AFTER_MS)


def test_the_wait_that_the_server_named_holds() -> None:
    client = welcomed()
    assert down(client, 0, t="bye", code=4000, reason="r", again=123) == [Farewell(4000, "r")]
    assert client.closed(4000, 0.9) == Return(123, fresh_ticket=False)


@pytest.mark.parametrize(
    "code", [Close.SIGNED_OUT, Close.TAKEN_OVER, Close.FORBIDDEN, Close.PROTOCOL]
)
def test_who_was_sent_away_stays_away(code: Close) -> None:
    assert welcomed().closed(code, 0.5) is None


def test_a_bye_counts_even_when_the_close_frame_was_lost() -> None:
    client = welcomed()
    down(client, 0, t="bye", code=4002, reason="out", again=None)
    assert client.closed(1006, 0.5) is None


def test_a_lost_connection_backs_off_from_try_to_try_until_welcome() -> None:
    client = welcomed()
    waits = []
    for _ in range(5):
        back = client.closed(1006, 1.0)
        assert back is not None
        assert not back.fresh_ticket
        waits.append(back.wait_ms)
        client.connected(0)
    assert waits == [3_000, 6_000, 12_000, BACK_OFF_MOST_MS, BACK_OFF_MOST_MS]
    down(client, 0, t="welcome", v=1, now=0, user="7", session="s/2", token="t2", beat=5000)
    assert client.closed(1006, 1.0) == Return(3_000, fresh_ticket=False)


def test_a_refused_token_and_a_used_ticket_need_a_new_ticket() -> None:
    refused = welcomed()
    back = refused.closed(Close.TICKET_REFUSED, 0.0)
    assert back is not None
    assert back.fresh_ticket
    unwelcomed = Client("ticket")
    unwelcomed.connected(0)
    back = unwelcomed.closed(1006, 0.0)
    assert back is not None
    assert back.fresh_ticket
    with pytest.raises(Breach):
        unwelcomed.connected(0)
    unwelcomed.use_ticket("another")
    assert msgpack.unpackb(unwelcomed.connected(0))["ticket"] == "another"
