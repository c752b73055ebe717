"""Laws of the screen pop: any facts make a screen that can be worked with, small and quick to read."""

import re
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import HoldKind
from app.customers.rules import COOPERATION, Behaviour, reliability
from app.desk.pop import Did, Held, Owed, Paid, Pledged, PopFacts, Who
from app.desk.rules import compose
from app.history.dispositions import LEAVES
from tests.support.pops import BROKEN, CARD, FACTS, HA, LAST, NOW, OCCASION, PAID, TODAY

DAYS = st.integers(-400, 30).map(lambda days: TODAY + timedelta(days=days))
PAST = st.integers(0, 180 * 24).map(lambda hours: NOW - timedelta(hours=hours))
CURRENCY = st.sampled_from(["VND", "USD"])
MINOR = st.integers(0, 99_999_999_999)


@st.composite
def loans(draw: st.DrawFn) -> Owed:
    outstanding = draw(MINOR)
    return replace(
        CARD,
        currency=draw(CURRENCY),
        product=draw(st.sampled_from(["CREDIT_CARD", "MORTGAGE", "ODD"])),
        outstanding_minor=outstanding,
        overdue_minor=draw(st.integers(0, outstanding)),
        due_minor=draw(st.integers(0, outstanding)),
        oldest_unpaid_due_on=draw(st.none() | DAYS),
        next_due_on=draw(st.none() | DAYS),
        bucket_before=draw(st.none() | st.sampled_from(["B0", "B3", "B7", "ODD"])),
    )


@st.composite
def people(draw: st.DrawFn) -> Who:
    return replace(
        HA,
        kind=draw(st.sampled_from(["INDIVIDUAL", "ORGANIZATION"])),
        display=draw(st.sampled_from(["Hà", "Đặng Đình Đức", "Nguyễn Thị Thu Hà", "A " * 24])),
        salutation=draw(st.sampled_from(["ANH", "CHI", "ONG", "BA", "EM", "MR", "MS", "NONE"])),
        language=draw(st.sampled_from(["vi", "en", "fr"])),
        cooperation=draw(st.none() | st.sampled_from(list(COOPERATION))),
        preference=draw(st.none() | st.just({}) | st.just({"band": "18-20h"})),
        hardship=draw(st.none() | st.just({"since": None}) | st.just({"since": "2026-01-01"})),
        special_handling=draw(st.lists(st.sampled_from(["VIP", "ODD"]), max_size=2)),
        handling_instruction=draw(st.sampled_from(["", "Không gọi nơi làm việc."])),
    )


PLEDGES = st.builds(
    lambda state, due_on, amount, currency: replace(
        BROKEN, state=state, due_on=due_on, amount_minor=amount, currency=currency
    ),
    st.sampled_from(["OPEN", "KEPT", "PARTLY_KEPT", "BROKEN", "RESCHEDULED"]),
    DAYS,
    MINOR,
    CURRENCY,
)
PAYMENTS = st.builds(
    lambda status, amount: replace(PAID, status=status, amount_minor=amount),
    st.sampled_from(["POSTED", "PENDING", "FAILED"]),
    MINOR,
)
ACTIONS = st.builds(
    lambda leaf, at, note: replace(LAST, leaf=leaf, at=at, note=note),
    st.sampled_from([*(leaf.code for leaf in LEAVES), "ODD"]),
    PAST,
    st.text(max_size=400),
)
HOLDS = st.builds(
    Held, st.sampled_from([*HoldKind, "ODD"]), st.none() | PAST, st.just("import"), st.just(NOW)
)


@st.composite
def facts(draw: st.DrawFn) -> PopFacts:
    pledges: tuple[Pledged, ...] = tuple(draw(st.lists(PLEDGES, max_size=6)))
    payments: tuple[Paid, ...] = tuple(draw(st.lists(PAYMENTS, max_size=6)))
    actions: tuple[Did, ...] = tuple(draw(st.lists(ACTIONS, max_size=12)))
    return replace(
        FACTS,
        now=draw(st.integers(0, 24).map(lambda hours: NOW + timedelta(hours=hours))),
        who=draw(st.none() | people()),
        loans=tuple(draw(st.lists(loans(), max_size=12))),
        promises=pledges,
        payments=payments,
        actions=actions,
        holds=tuple(draw(st.lists(HOLDS, max_size=4))),
    )


@given(facts(), st.sampled_from(["vi", "en"]), st.booleans())
def test_any_facts_make_a_whole_screen(known: PopFacts, language: str, late: bool) -> None:  # noqa: FBT001 - drawn
    speaker = replace(OCCASION.speaker, language=language)
    pop = compose(known, replace(OCCASION, speaker=speaker, late=late))

    assert len(msgspec.msgpack.encode(pop)) <= 13 * 1024
    assert pop["greeting"]
    assert pop["reason"]
    assert pop["next_action"]
    assert len(pop["script"]["steps"]) == 5
    said = [pop["greeting"], *pop["script"]["steps"], *(o["reply"] for o in pop["objections"])]
    assert not re.findall(r"\{\w+\}", " ".join(said))


@given(facts())
def test_the_promise_filled_in_is_one_that_may_be_made(known: PopFacts) -> None:
    pop = compose(known, OCCASION)
    filled = pop["presets"]["promise"]
    if filled is not None:
        assert 0 < filled["amount_minor"] <= pop["loan"]["outstanding_minor"]
        assert TODAY.isoformat() < filled["due_on"]
        assert filled["due_on"] <= (TODAY + timedelta(days=14)).isoformat()


@given(
    st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 60),
    st.integers(0, 60), st.none() | st.fractions(0, 3), st.none() | st.integers(0, 999),
)  # fmt: skip
def test_reliability_is_a_score_of_nought_to_a_hundred(
    kept: int, partly: int, broken: int, due: int, on_time: int, share: Fraction | None, days: int | None
) -> None:  # fmt: skip
    seen = Behaviour(kept, partly, broken, due, min(due, on_time), share, days)
    found = reliability(seen)

    assert 0 <= found.score <= 100
    better = replace(seen, kept=kept + 1)
    assert reliability(better).score >= found.score
