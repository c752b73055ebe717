"""The message to whom nobody could take: what it must say, what it must not, and our own words."""

from dataclasses import replace

import pytest

from app.campaigns.lawful import problems
from app.campaigns.message import USUAL, named, texts
from app.campaigns.strategy import Settings
from app.compliance.profiles import PROFILES, UK, US, VN

GOOD = "This is {bank}, calling from {number}. We will call again."


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_our_own_words_are_lawful_everywhere(profile: object) -> None:
    own = Settings(message_vi=USUAL["vi"], message_en=USUAL["en"])
    assert problems(own, PROFILES[getattr(profile, "name", "")]) == ()


def test_a_text_of_its_own_takes_the_place_of_ours_in_its_language() -> None:
    assert texts(Settings(message_en=GOOD)) == {"vi": USUAL["vi"], "en": GOOD}
    assert named(GOOD, "Bank").startswith("This is Bank, calling from {number}.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("This is {bank}. We will call again.", "must contain {number}"),
        ("Call {number} back.", "must contain {bank}"),
        (f"{GOOD} It is about your debt.", "must not speak of a debt (“debt”)"),
        (f"{GOOD} Khoản NỢ của quý khách đã quá hạn.", "must not speak of a debt (“nợ”)"),
        (f"{GOOD} Please make a payment.", "must not speak of a debt (“payment”)"),
        (GOOD + "." * 300, "at most 300"),
    ],
)
def test_what_the_message_lacks_or_tells_is_named(text: str, words: str) -> None:
    found = problems(Settings(message_en=text), US)
    assert [problem.field for problem in found] == ["message_en"]
    assert words in found[0].why_en


def test_an_agent_is_no_word_of_a_debt() -> None:
    assert problems(Settings(message_en=f"{GOOD} No agent was free. You know us."), US) == ()


def test_a_recording_is_named_and_not_reached_into_the_disk() -> None:
    for name in ("../etc/passwd", "A B", "a" * 41):
        (problem,) = problems(Settings(message_sound=name), VN)
        assert problem.field == "message_sound"
    assert problems(Settings(message_sound="xin-loi_2026"), VN) == ()


def test_detection_is_refused_where_the_wait_counts_from_the_answer() -> None:
    (problem,) = problems(replace(Settings(), amd=True), UK)
    assert problem.field == "amd"
    assert "counts the wait from the answer" in problem.why_en
    assert "Ofcom" in problem.source
    assert problems(replace(Settings(), amd=True), VN) == ()
