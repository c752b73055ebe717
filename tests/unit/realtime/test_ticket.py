"""Tickets are sealed and short-lived; tokens name their session and are kept only as a digest."""

import base64

import pytest

from realtime.closing import Close
from realtime.ticket import (
    Grant,
    Ticket,
    TicketRefused,
    make_token,
    read_token,
    sign,
    token_digest,
    verify,
)

SECRET = b"s" * 32
TICKET = Ticket("7", ("agent:7",), 1_000, "n1", "sign-in")


def test_a_sealed_ticket_is_read_back_whole() -> None:
    assert verify(sign(TICKET, SECRET), SECRET, 999) == TICKET


def test_a_ticket_is_text_for_any_place_in_a_url() -> None:
    assert set(sign(TICKET, SECRET)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_a_ticket_ends_at_its_instant() -> None:
    with pytest.raises(TicketRefused, match="expired"):
        verify(sign(TICKET, SECRET), SECRET, 1_000)


def test_any_changed_bit_breaks_the_seal() -> None:
    raw = bytearray(base64.urlsafe_b64decode(sign(TICKET, SECRET) + "=="))
    for place in range(len(raw)):
        raw[place] ^= 1
        text = base64.urlsafe_b64encode(bytes(raw)).decode()
        with pytest.raises(TicketRefused, match="not sealed"):
            verify(text, SECRET, 0)
        raw[place] ^= 1


@pytest.mark.parametrize("text", ["", "x", "é", "====", "A" * 5000])
def test_noise_is_no_ticket(text: str) -> None:
    with pytest.raises(TicketRefused) as refused:
        verify(text, SECRET, 0)
    assert refused.value.code is Close.TICKET_REFUSED


def test_a_seal_over_something_else_is_refused() -> None:
    other = Ticket("", (), 2_000, "", "")  # names must not be empty
    with pytest.raises(TicketRefused, match="another version"):
        verify(sign(other, SECRET), SECRET, 0)


def test_a_token_names_its_session_and_keeps_its_secret() -> None:
    token = make_token("người.7", "n.1", b"chance")
    assert read_token(token)[:2] == ("người.7", "n.1")
    assert token_digest(token) == token_digest(make_token("x", "y", b"chance"))
    assert b"chance".hex() not in token_digest(token)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c.d", "a.b.c", "_w.YQ.YQ"])
def test_noise_is_no_token(token: str) -> None:
    with pytest.raises(TicketRefused):
        read_token(token)


def test_a_link_is_the_session_and_the_number_of_its_socket() -> None:
    assert Grant("7", "s", 3, (), "t", None).link == "s/3"
