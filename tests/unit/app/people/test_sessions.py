"""How long a sign-in lasts (decision 4) and where it may lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.people import sessions
from app.people.store import OpenSignIn

NOW = datetime(2026, 11, 23, 3, 10, tzinfo=UTC)
USER = UUID("019aaf00-0000-7000-8000-000000000001")
SECRET = b"k" * 32
MINUTE = timedelta(minutes=1)


def a_sign_in(*, seen_ago: timedelta = timedelta(0), lasts: timedelta = MINUTE * 60) -> OpenSignIn:
    return OpenSignIn(
        digest="d",
        user_id=USER,
        csrf="c",
        started_at=NOW - timedelta(hours=1),
        last_seen_at=NOW - seen_ago,
        expires_at=NOW + lasts,
        device=None,
    )


def lapsed(sign_in: OpenSignIn, heard_ago: timedelta | None = None, *, busy: bool = False) -> bool:
    heard_at = None if heard_ago is None else NOW - heard_ago
    return sessions.has_lapsed(sign_in, now=NOW, heard_at=heard_at, busy=busy)


def test_sign_in_lapses_at_half_an_hour_of_no_use() -> None:
    assert not lapsed(a_sign_in(seen_ago=MINUTE * 30 - timedelta(microseconds=1)))
    assert lapsed(a_sign_in(seen_ago=MINUTE * 30))


def test_desk_heard_lately_is_use_and_one_heard_long_ago_is_not() -> None:
    unused = a_sign_in(seen_ago=MINUTE * 40)
    assert not lapsed(unused, MINUTE)
    assert lapsed(unused, MINUTE * 30)


def test_desk_heard_before_the_last_page_does_not_shorten_it() -> None:
    assert not lapsed(a_sign_in(seen_ago=MINUTE), MINUTE * 45)


def test_sign_in_lapses_at_its_end_however_busy_the_socket() -> None:
    assert lapsed(a_sign_in(lasts=timedelta(0)), timedelta(0))


def test_nobody_is_signed_out_in_a_call() -> None:
    assert not lapsed(a_sign_in(seen_ago=MINUTE * 500, lasts=-MINUTE), busy=True)


def test_call_pushes_the_end_and_never_pulls_it_nearer() -> None:
    late = a_sign_in(lasts=-MINUTE)
    assert sessions.renewed_until(late, now=NOW, busy=True) == NOW + MINUTE * 15
    early = a_sign_in(lasts=MINUTE * 300)
    assert sessions.renewed_until(early, now=NOW, busy=True) == early.expires_at
    assert sessions.renewed_until(early, now=NOW, busy=False) == early.expires_at


def test_use_is_written_down_once_a_minute() -> None:
    assert not sessions.needs_touch(a_sign_in(seen_ago=timedelta(seconds=59)), now=NOW)
    assert sessions.needs_touch(a_sign_in(seen_ago=MINUTE), now=NOW)


def test_token_is_url_safe_and_its_digest_says_nothing_of_it() -> None:
    token = sessions.make_token(bytes(range(32)))
    assert token.isascii()
    assert len(token) == 43
    assert not set("+/=") & set(token)
    assert sessions.digest_of(token) != sessions.digest_of(token + "x")
    assert token not in sessions.digest_of(token)


def test_csrf_of_a_visit_is_bound_to_the_visit_and_to_the_secret() -> None:
    ours = sessions.visit_csrf(SECRET, "visit")
    assert sessions.same(ours, sessions.visit_csrf(SECRET, "visit"))
    assert not sessions.same(ours, sessions.visit_csrf(SECRET, "other"))
    assert not sessions.same(ours, sessions.visit_csrf(b"x" * 32, "visit"))


def test_take_over_proof_names_its_user_for_two_minutes() -> None:
    proof = sessions.take_over_proof(SECRET, USER, 1_000)
    assert sessions.read_take_over(SECRET, proof, 1_000) == USER
    assert sessions.read_take_over(SECRET, proof, 120_999) == USER
    assert sessions.read_take_over(SECRET, proof, 121_000) is None


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", f"{USER}.999999999999.00", "..", "a..b"])
def test_forged_take_over_proof_names_nobody(forged: str) -> None:
    assert sessions.read_take_over(SECRET, forged, 1_000) is None


def test_take_over_proof_of_another_secret_or_user_names_nobody() -> None:
    proof = sessions.take_over_proof(b"x" * 32, USER, 1_000)
    assert sessions.read_take_over(SECRET, proof, 1_000) is None
    ours = sessions.take_over_proof(SECRET, USER, 1_000)
    other = ours.replace("000000000001", "000000000002")
    assert sessions.read_take_over(SECRET, other, 1_000) is None


@pytest.mark.parametrize("path", ["/desk", "/wall?x=//y", "/c/1#top", "/a:b"])
def test_own_paths_are_led_to(path: str) -> None:
    assert sessions.safe_next(path, "/home") == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "desk",
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\n/evil.example",
        "/\x00",
        "javascript:alert(1)",
        " /desk",
    ],
)
def test_other_sites_are_not_led_to(path: str | None) -> None:
    assert sessions.safe_next(path, "/home") == "/home"
