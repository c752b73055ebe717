"""How simulated people behave: the same again for a seed, and as the profiles say (decisions.md 26)."""

from __future__ import annotations

from collections import Counter
from statistics import mean
from uuid import UUID

import pytest

from dialer.fates import (
    BRISK,
    DEMO,
    HOUR_MS,
    PATIENT,
    PROFILES,
    REALISTIC,
    Chance,
    Fate,
    Profile,
    Script,
    Spread,
    draw_script,
    gamma,
    lognormal,
    uniform,
)

TEN_IN_THE_MORNING = (10 - 7) * HOUR_MS


def scripts(profile: Profile, count: int, at_ms: int = TEN_IN_THE_MORNING) -> list[Script]:
    return [draw_script(profile, 1, str(UUID(int=n)), f"+8450{n:07d}", at_ms) for n in range(count)]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_the_same_call_meets_the_same_fate(profile: Profile) -> None:
    assert scripts(profile, 50) == scripts(profile, 50)


def test_another_seed_is_another_day() -> None:
    one = [draw_script(DEMO, 1, str(n), str(n), 0) for n in range(50)]
    two = [draw_script(DEMO, 2, str(n), str(n), 0) for n in range(50)]
    assert one != two


def test_draws_for_different_purposes_are_independent() -> None:
    chance = Chance(1, "a call")
    assert chance.share("ring") == chance.share("ring") != chance.share("talk")
    shares = [Chance(1, str(n)).share("ring") for n in range(4_000)]
    assert mean(shares) == pytest.approx(0.5, abs=0.02)
    assert 0 < min(shares) < max(shares) < 1


@pytest.mark.parametrize(
    ("profile", "answer_ms", "talk_ms"),
    [(DEMO, (2_000, 6_000), 25_000), (BRISK, (1_000, 3_000), 10_000)],
    ids=["demo", "brisk"],
)
def test_sixty_of_a_hundred_answer_soon_and_talk_as_told(
    profile: Profile, answer_ms: tuple[int, int], talk_ms: int
) -> None:
    drawn = scripts(profile, 6_000)
    persons = [s for s in drawn if s.fate is Fate.PERSON]
    assert len(persons) / len(drawn) == pytest.approx(0.60, abs=0.02)
    assert all(answer_ms[0] <= s.setup_ms + s.ring_ms <= answer_ms[1] for s in persons)
    assert mean(s.talk_ms for s in persons) == pytest.approx(talk_ms, rel=0.04)


def test_realistic_times_are_those_of_the_pacing_referee() -> None:
    drawn = scripts(REALISTIC, 8_000)
    persons = [s for s in drawn if s.fate is Fate.PERSON]
    assert mean(s.setup_ms + s.ring_ms for s in persons) == pytest.approx(11_600, rel=0.04)
    assert mean(s.talk_ms for s in drawn) == pytest.approx(94_000, rel=0.04)
    assert mean(s.decide_ms for s in persons) == pytest.approx(1_100, rel=0.05)


def test_shares_of_every_fate_follow_the_profile() -> None:
    counted = Counter(s.fate for s in scripts(REALISTIC, 8_000))
    for fate, share in REALISTIC.others:
        assert counted[fate] / 8_000 == pytest.approx(share, abs=0.012), fate
    assert counted[Fate.NO_ANSWER] > 0


def test_a_number_out_of_service_is_so_at_every_call() -> None:
    """Else a long demonstration would mark every number invalid in the end."""
    for number in (f"+8450{n:07d}" for n in range(300)):
        fates = {draw_script(DEMO, 1, f"{number} {n}", number, 0).fate for n in range(5)}
        assert Fate.INVALID not in fates or fates == {Fate.INVALID}


@pytest.mark.parametrize(
    ("local_hour", "share"),
    [(0, 0.14), (8, 0.14), (8.75, 0.16), (14.5, 0.30), (20, 0.34), (23, 0.34)],
)
def test_more_people_answer_towards_the_evening(local_hour: float, share: float) -> None:
    at_ms = round((local_hour - 7) * HOUR_MS)
    assert REALISTIC.person_share(at_ms) == pytest.approx(share)


def test_a_demo_agent_who_dials_one_line_at_a_time_hears_somebody_within_ten_seconds() -> None:
    """decisions.md 26: first call p95 under 10 s after Ready; 200 ms from one attempt to the next."""
    waits: list[int] = []
    waited = 0
    for script in scripts(DEMO, 12_000):
        waited += 200 + script.setup_ms + script.ring_ms
        if script.fate is Fate.MACHINE:
            waited += script.decide_ms
        if script.fate is Fate.PERSON:
            waits.append(waited)
            waited = 0
    waits.sort()
    assert waits[len(waits) * 95 // 100] < 10_000


def test_people_hang_up_at_awkward_moments_too() -> None:
    drawn = scripts(DEMO, 4_000)
    assert any(s.leaves_at_bridge for s in drawn)
    assert any(s.patience_ms <= 300 for s in drawn)
    assert mean(s.message_share < 1 for s in drawn) == pytest.approx(DEMO.in_message, abs=0.05)


def test_detection_is_sometimes_wrong_where_the_profile_says_so() -> None:
    drawn = scripts(REALISTIC, 8_000)
    persons = [s.heard_machine for s in drawn if s.fate is Fate.PERSON]
    machines = [s.heard_machine for s in drawn if s.fate is Fate.MACHINE]
    assert mean(persons) == pytest.approx(REALISTIC.mistaken, abs=0.012)
    assert 1 - mean(machines) == pytest.approx(REALISTIC.missed, abs=0.02)
    assert not any(s.heard_machine for s in scripts(DEMO, 2_000) if s.fate is Fate.PERSON)


def test_talk_parts_whose_weights_round_below_one_still_cover_every_share() -> None:
    odd = [s.talk_ms for s in scripts(REALISTIC, 200)]
    assert all(ms >= 3_000 for ms in odd)
    thin = Profile(
        **{
            field: getattr(REALISTIC, field)
            for field in Profile.__dataclass_fields__
            if field != "talk"
        },
        talk=((0.0, uniform(1, 1)), (0.0, uniform(2, 2))),
    )
    assert scripts(thin, 5)[0].talk_ms == 2


@pytest.mark.parametrize("spread", [lognormal(1_000, 0.5), gamma(1_000, 0.55)])
def test_spreads_have_the_mean_that_they_name(spread: Spread) -> None:
    draws = [spread.draw((n + 0.5) / 2_000) for n in range(2_000)]
    assert draws == sorted(draws)
    assert mean(draws) == pytest.approx(1_000, rel=0.02)


def test_spreads_are_clipped() -> None:
    assert lognormal(1_000, 1.0, 900, 1_100).draw(0.001) == 900
    assert lognormal(1_000, 1.0, 900, 1_100).draw(0.999) == 1_100
    assert uniform(5, 10).draw(0.5) in {7, 8}


def test_patient_people_all_answer_soon_and_never_hang_up_first() -> None:
    drawn = scripts(PATIENT, 500)
    assert {s.fate for s in drawn} == {Fate.PERSON}
    assert all(s.setup_ms + s.ring_ms <= 2_000 for s in drawn)
    assert all(s.talk_ms >= 20 * 60_000 and not s.leaves_at_bridge for s in drawn)
