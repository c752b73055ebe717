"""What waits for a slow reader: bounded, newest per key, in order, screens never lost."""

from realtime.frames import FrameCard
from realtime.mailbox import CARD_COST_BYTES, Mailbox


def card(offset: int, key: str, size: int = 10) -> FrameCard:
    return (offset, key, b"v" * size)


def test_an_empty_mailbox_is_false_and_gives_nothing() -> None:
    box = Mailbox()
    assert not box
    assert box.take("c") is None
    assert list(box.take_all()) == []


def test_a_newer_card_replaces_the_older_of_its_key_and_goes_to_the_end() -> None:
    box = Mailbox()
    assert box.put("c", "e", [card(1, "a"), card(2, "b")])
    assert box.put("c", "e", [card(3, "a")])
    assert box.take("c") == ("e", [card(2, "b"), card(3, "a")])
    assert box.coalesced == 1


def test_a_key_twice_in_one_publication_keeps_its_last_word() -> None:
    box = Mailbox()
    assert box.put("c", "e", [card(1, "a"), card(2, "b"), card(3, "a")])
    assert box.take("c") == ("e", [card(2, "b"), card(3, "a")])
    assert box.coalesced == 1


def test_a_removal_waits_like_a_value_and_replaces_it() -> None:
    box = Mailbox()
    box.put("c", "e", [card(1, "screen:1", 4000)])
    box.put("c", "e", [(2, "screen:1", None)])
    assert box.size_bytes == CARD_COST_BYTES + len("screen:1")
    assert box.take("c") == ("e", [(2, "screen:1", None)])


def test_screens_of_different_calls_never_replace_each_other() -> None:
    box = Mailbox()
    box.put("c", "e", [card(1, "screen:1")])
    box.put("c", "e", [card(2, "screen:2")])
    assert box.take("c") == ("e", [card(1, "screen:1"), card(2, "screen:2")])


def test_what_does_not_fit_is_refused_whole() -> None:
    box = Mailbox(limit_bytes=2 * CARD_COST_BYTES + 30)
    assert box.put("c", "e", [card(1, "a")])
    size = box.size_bytes
    assert not box.put("c", "e", [card(2, "b"), card(3, "d")])
    assert box.size_bytes == size
    assert box.take("c") == ("e", [card(1, "a")])


def test_a_replacement_is_charged_only_for_what_it_adds() -> None:
    box = Mailbox(limit_bytes=CARD_COST_BYTES + 20)
    assert box.put("c", "e", [card(1, "a", 19)])
    assert box.put("c", "e", [card(2, "a", 18)])
    assert box.size_bytes == CARD_COST_BYTES + 19


def test_a_new_epoch_throws_the_old_cards_away() -> None:
    box = Mailbox()
    box.put("c", "old", [card(9, "a")])
    box.put("c", "new", [card(1, "b")])
    assert box.take("c") == ("new", [card(1, "b")])
    assert box.size_bytes == 0


def test_channels_are_kept_apart_and_all_are_given_out() -> None:
    box = Mailbox()
    box.put("c", "e", [card(1, "a")])
    box.put("d", "f", [card(1, "a")])
    assert list(box.take_all()) == [("c", "e", [card(1, "a")]), ("d", "f", [card(1, "a")])]
    assert not box
    assert box.size_bytes == 0


def test_a_dropped_channel_frees_its_bytes() -> None:
    box = Mailbox()
    box.put("c", "e", [card(1, "a")])
    box.drop("c")
    box.drop("never there")
    assert box.size_bytes == 0


def test_a_channel_emptied_while_all_are_given_out_is_passed_over() -> None:
    box = Mailbox()
    box.put("c", "e", [card(1, "a")])
    box.put("d", "e", [card(1, "a")])
    giving = box.take_all()
    next(giving)
    box.drop("d")
    assert list(giving) == []
