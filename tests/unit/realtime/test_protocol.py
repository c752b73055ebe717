"""The conversation's table, limits inward, silence, and where a reader stands in a channel."""

import msgpack
import pytest

from realtime.closing import Close
from realtime.frames import FRAME_LIMIT_BYTES, Got, Hello, Painted, Pong, Position, Publication
from realtime.protocol import (
    FRAMES_AT_ONCE,
    HELLO_WITHIN_S,
    SILENT_AFTER_S,
    STEPS,
    Conversation,
    Said,
    State,
    Subscription,
    permitted,
)

HELLO = msgpack.packb({"t": "hello", "v": 1, "ticket": "x"})
PONG = msgpack.packb({"t": "pong", "n": 1})
GOT = msgpack.packb({"t": "got", "ch": "c", "key": "k", "o": 1})
PAINTED = msgpack.packb({"t": "painted", "ch": "c", "key": "k", "o": 1, "at": 1, "err": 0.5})


def live(now_s: float = 0.0) -> Conversation:
    talk = Conversation(now_s)
    assert isinstance(talk.receive(HELLO, now_s), Hello)
    assert talk.welcomed(now_s)
    return talk


def step(channel: str = "c", epoch: str = "e", first: int = 1, *keys: str) -> Publication:
    return Publication(channel, epoch, first, [(key, b"\x01") for key in keys or ("k",)])


class TestTable:
    def test_the_table_is_the_one_in_the_page(self) -> None:
        moves = {
            (state, said, following)
            for state, row in STEPS.items()
            for said, following in row.items()
        }
        assert moves == {
            (State.OPENING, Said.ASKED, State.ADMITTING),
            (State.ADMITTING, Said.WELCOMED, State.LIVE),
            (State.LIVE, Said.PONG, State.LIVE),
            (State.LIVE, Said.RECEIPT, State.LIVE),
            *((state, Said.ENDED, State.CLOSED) for state in State),
        }

    def test_a_socket_opens_lives_and_ends(self) -> None:
        talk = live()
        assert talk.receive(PONG, 1) == Pong(1)
        assert talk.receive(GOT, 1) == Got("c", "k", 1)
        assert talk.receive(PAINTED, 1) == Painted("c", "k", 1, 1, 0.5)
        assert talk.ended()
        assert not talk.ended()
        assert talk.state is State.CLOSED

    @pytest.mark.parametrize("early", [PONG, GOT, PAINTED])
    def test_nothing_may_be_said_before_hello(self, early: bytes) -> None:
        talk = Conversation(0)
        assert talk.receive(early, 0) is Close.PROTOCOL
        assert talk.state is State.CLOSED

    def test_hello_is_said_once(self) -> None:
        assert live().receive(HELLO, 0) is Close.PROTOCOL

    def test_nothing_may_be_said_while_the_ticket_is_checked(self) -> None:
        talk = Conversation(0)
        talk.receive(HELLO, 0)
        assert talk.receive(PONG, 0) is Close.PROTOCOL
        assert not talk.welcomed(0)

    @pytest.mark.parametrize("version", [0, 2, 99])
    def test_another_version_must_reload(self, version: int) -> None:
        talk = Conversation(0)
        data = msgpack.packb({"t": "hello", "v": version, "ticket": "x"})
        assert talk.receive(data, 0) is Close.PROTOCOL

    def test_noise_is_a_breach(self) -> None:
        assert live().receive(b"\xc1", 0) is Close.PROTOCOL


class TestLimits:
    def test_a_frame_too_large_is_a_flood(self) -> None:
        assert live().receive(b"x" * (FRAME_LIMIT_BYTES + 1), 0) is Close.FLOOD

    def test_too_many_frames_at_once_are_a_flood(self) -> None:
        talk = live()
        heard = [talk.receive(PONG, 0) for _ in range(int(FRAMES_AT_ONCE))]
        assert heard[-2:] == [Pong(1), Close.FLOOD]  # hello was one of them

    def test_the_bucket_refills_but_never_above_its_size(self) -> None:
        talk = live()
        for second in range(1, 60):
            heard = [talk.receive(PONG, float(second)) for _ in range(20)]
            assert heard == [Pong(1)] * 20
        burst = [talk.receive(PONG, 1000.0) for _ in range(int(FRAMES_AT_ONCE) + 1)]
        assert burst.count(Close.FLOOD) == 1


class TestSilence:
    def test_a_live_socket_is_overdue_ten_seconds_after_its_last_frame(self) -> None:
        talk = live()
        talk.receive(PONG, 3)
        assert talk.overdue(3 + SILENT_AFTER_S - 0.01) is None
        assert talk.overdue(3 + SILENT_AFTER_S) is Close.SILENT

    def test_a_socket_that_never_says_hello_is_closed(self) -> None:
        talk = Conversation(0)
        assert talk.overdue(HELLO_WITHIN_S - 0.01) is None
        assert talk.overdue(HELLO_WITHIN_S) is Close.PROTOCOL

    def test_while_the_ticket_is_checked_the_delay_is_ours(self) -> None:
        talk = Conversation(0)
        talk.receive(HELLO, 0)
        assert talk.overdue(1000) is None

    def test_the_round_trip_of_the_newest_beat_is_timed(self) -> None:
        talk = live()
        assert talk.round_trip_s is None
        talk.beaten(1, 5.0)
        talk.receive(PONG, 5.25)
        assert talk.round_trip_s == 0.25

    def test_a_late_pong_of_an_older_beat_times_nothing(self) -> None:
        talk = live()
        talk.receive(PONG, 1.0)
        talk.beaten(2, 5.0)
        talk.receive(PONG, 5.1)
        assert talk.round_trip_s is None


class TestSubscription:
    def test_what_comes_before_the_answer_waits_and_follows_it_without_duplicates(self) -> None:
        reader = Subscription("c")
        assert reader.take(step(first=1)) is None
        assert reader.ask() is None
        assert reader.take(step(first=2)) is None
        assert reader.take(step(first=3)) is None
        let_through = reader.settle(Position("e", 2))
        assert [p.first for p in let_through] == [3]
        assert not reader.behind
        assert reader.position == Position("e", 3)

    def test_in_step_the_very_same_publication_is_passed_on(self) -> None:
        reader = Subscription("c")
        reader.settle(Position("e", 0))
        publication = step(first=1)
        assert reader.take(publication) is publication

    def test_a_publication_known_in_part_is_shown_in_part(self) -> None:
        reader = Subscription("c", Position("e", 1))
        reader.ask()
        reader.settle(Position("e", 2))
        shown = reader.take(step("c", "e", 2, "a", "b", "d"))
        assert shown is not None
        assert [card[0] for card in shown.cards] == [3, 4]

    def test_an_old_publication_is_dropped(self) -> None:
        reader = Subscription("c")
        reader.settle(Position("e", 5))
        assert reader.take(step(first=5)) is None
        assert not reader.behind

    @pytest.mark.parametrize("publication", [step(first=3), step(epoch="f", first=2)])
    def test_a_hole_or_a_new_life_puts_the_reader_behind(self, publication: Publication) -> None:
        reader = Subscription("c")
        reader.settle(Position("e", 1))
        assert reader.take(publication) is None
        assert reader.behind
        assert reader.ask() == Position("e", 1)

    def test_the_hole_is_closed_by_the_answer(self) -> None:
        reader = Subscription("c")
        reader.settle(Position("e", 1))
        reader.take(step(first=3))
        reader.ask()
        assert reader.settle(Position("e", 3)) == []
        assert reader.position == Position("e", 3)

    def test_a_former_life_that_waited_is_forgotten_after_the_answer(self) -> None:
        reader = Subscription("c")
        reader.take(step(epoch="old", first=9))
        reader.ask()
        assert reader.settle(Position("new", 4)) == []
        assert not reader.behind

    def test_another_life_that_came_during_the_question_is_asked_for_again(self) -> None:
        reader = Subscription("c")
        reader.ask()
        reader.take(step(epoch="new", first=1))
        assert reader.settle(Position("old", 4)) == []
        assert reader.behind
        assert reader.ask() == Position("old", 4)
        assert reader.settle(Position("new", 1)) == []
        assert not reader.behind

    def test_a_lost_feed_puts_the_reader_behind(self) -> None:
        reader = Subscription("c")
        reader.settle(Position("e", 1))
        reader.lose()
        assert reader.take(step(first=2)) is None
        reader.ask()
        assert reader.settle(Position("e", 2)) == []


class TestPermission:
    def test_without_a_wish_all_channels_of_the_ticket_are_joined_once(self) -> None:
        assert permitted(["a", "b", "a"], []) == ("a", "b")

    def test_a_wish_narrows_and_keeps_its_order(self) -> None:
        assert permitted(["a", "b", "d"], ["d", "a", "d"]) == ("d", "a")

    def test_a_wish_beyond_the_ticket_is_refused_whole(self) -> None:
        assert permitted(["a"], ["a", "b"]) is None
