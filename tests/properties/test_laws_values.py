"""Laws of money and of local time."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.values.ids import made_at_ms, new_id
from app.values.money import EXPONENTS, Money, half_up, parse_written, total
from app.values.period import LocalWindow, business_date, day_start, next_day, next_open
from app.values.phone import read_phone, shown
from app.values.spelling import amount_in_words
from app.values.text import name_sort_key, search_key

MINOR = st.integers(-(10**14), 10**14)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.builds(Money, MINOR, CURRENCIES)
ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "America/New_York", "Africa/Cairo", "Europe/London"])
INSTANTS = st.integers(0, 2 * 365 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(AMOUNTS, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_a_split_conserves_the_total_and_is_fair_to_one_unit(
    amount: Money, weights: list[int]
) -> None:
    shares = amount.split(weights)

    assert total(shares, amount.currency) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - Fraction(amount.minor * weight, sum(weights))) < 1


@given(AMOUNTS, st.sampled_from(["vi", "en"]))
def test_what_is_shown_is_read_back(amount: Money, language: str) -> None:
    assert parse_written(amount.display(language), amount.currency, language) == amount


@given(st.fractions(-(10**6), 10**6))
def test_rounding_is_to_the_nearest_and_symmetrical(value: Fraction) -> None:
    assert abs(half_up(value) - value) <= Fraction(1, 2)
    assert half_up(-value) == -half_up(value)


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_id_keeps_its_instant(now_ms: int, chance: bytes) -> None:
    made = new_id(now_ms, chance)

    assert made_at_ms(made) == now_ms
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


@given(INSTANTS, ZONES)
def test_a_day_starts_on_its_date_and_an_instant_before_is_the_day_before(
    at: datetime, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    day = business_date(at, zone)
    start = day_start(day, zone)

    assert business_date(start, zone) == day
    assert business_date(start - timedelta(microseconds=1), zone) == day - timedelta(days=1)
    assert start <= at < next_day(at, zone)


@given(INSTANTS, ZONES, st.integers(0, 1380))
def test_a_window_opens_within_two_days_and_is_open_then(
    at: datetime, zone_name: str, opens: int
) -> None:
    """An hour may be skipped whole by summer time, so the second day counts as well."""
    window, zone = LocalWindow(opens, opens + 60), ZoneInfo(zone_name)
    found = next_open([window], at, zone)

    assert found is not None
    assert at <= found <= at + timedelta(hours=49)
    assert window.contains(found.astimezone(zone))


@given(st.sampled_from("35789"), st.integers(0, 10**8 - 1))
def test_every_mobile_is_read_from_what_is_shown(prefix: str, rest: int) -> None:
    e164 = f"+84{prefix}{rest:08d}"

    assert read_phone(shown(e164)).e164 == read_phone(e164).e164 == e164


@given(st.text(max_size=40))
def test_no_text_is_too_odd_for_a_number_or_a_key(text: str) -> None:
    phone = read_phone(text)

    assert phone.raw == text
    assert phone.dialable is (phone.e164 is not None)
    assert search_key(search_key(text)) == search_key(text)
    assert name_sort_key(text).isdigit()


@given(MINOR, MINOR, st.sampled_from(["vi", "en"]))
def test_different_amounts_are_read_differently(one: int, other: int, language: str) -> None:
    words = [amount_in_words(Money(minor, "VND"), language) for minor in (one, other)]

    assert (words[0] == words[1]) is (one == other)
    assert not any(char.isdigit() for char in words[0])
