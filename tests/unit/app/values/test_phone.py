"""Phones of domain section 0."""

from zoneinfo import available_timezones

import pytest

from app.values.phone import Phone, PhoneKind, masked, read_phone, shown, zones_of


@pytest.mark.parametrize(
    "raw",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "+84912345678",
        "+84 (0) 912-345-678",
        "(+84) 912345678",
        "84912345678",
        "0084 912 345 678",
        "912345678",
    ],
)
def test_a_mobile_is_understood_however_it_is_written(raw: str) -> None:
    assert read_phone(raw) == Phone(raw, "+84912345678", "VN", PhoneKind.MOBILE, dialable=True)


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("01201234567", "+84701234567"),
        ("0162 123 4567", "+84321234567"),
        ("+84 169 1234567", "+84391234567"),
        ("01991234567", "+84591234567"),
    ],
)
def test_old_eleven_digit_mobiles_are_converted(raw: str, e164: str) -> None:
    phone = read_phone(raw)

    assert (phone.e164, phone.kind) == (e164, PhoneKind.MOBILE)


def test_an_eleven_digit_prefix_that_never_was_is_not_guessed_at() -> None:
    assert read_phone("01751234567").e164 is None


def test_a_landline_has_eleven_digits() -> None:
    phone = read_phone("028 3822 1234")

    assert (phone.e164, phone.kind) == ("+842838221234", PhoneKind.LANDLINE)
    assert read_phone("028 3822 123").e164 is None


@pytest.mark.parametrize("raw", ["1900 1234", "18001090", "113", "1900545436"])
def test_service_numbers_are_not_dialable(raw: str) -> None:
    phone = read_phone(raw)

    assert (phone.kind, phone.dialable, phone.e164) == (PhoneKind.SERVICE, False, None)


@pytest.mark.parametrize("raw", ["(555) 123-4567", "+1 555 123 4567"])
def test_the_american_sample_is_kept_raw_and_not_dialable(raw: str) -> None:
    assert read_phone(raw) == Phone(raw, None, "US", PhoneKind.FOREIGN, dialable=False)


def test_another_country_is_foreign() -> None:
    assert read_phone("+33 1 23 45 67 89").kind is PhoneKind.FOREIGN


@pytest.mark.parametrize("raw", ["", "khong co", "0912 345 67x", "12", "0412345678", "٠٩١٢٣٤٥٦٧٨"])
def test_what_is_no_number_is_unknown(raw: str) -> None:
    assert read_phone(raw) == Phone(raw, None, None, PhoneKind.UNKNOWN, dialable=False)


@pytest.mark.parametrize(
    ("e164", "text"),
    [
        ("+84912345678", "0912 345 678"),
        ("+842838221234", "028 3822 1234"),
        ("+842363821234", "0236 382 1234"),
        ("+33123456789", "+33123456789"),
    ],
)
def test_numbers_are_shown_in_groups(e164: str, text: str) -> None:
    assert shown(e164) == text


def test_a_masked_number_shows_its_last_three_digits() -> None:
    assert masked("+84912345678") == "•••••••••678"
    assert masked("12") == "12"


def test_vietnam_has_one_zone_and_a_text_that_is_no_number_says_nothing() -> None:
    assert zones_of("+84912345678") == ("Asia/Ho_Chi_Minh",)
    assert zones_of(None) == zones_of("(555) 123-4567") == zones_of("+0") == ()


@pytest.mark.parametrize(
    ("e164", "among"),
    [
        ("+16025550100", {"America/Phoenix"}),
        ("+12125550100", {"America/New_York"}),
        ("+442079460000", {"Europe/London"}),
        ("+18505550100", {"America/New_York", "America/Chicago"}),  # Florida's panhandle
        ("+12085550100", {"America/Boise", "America/Los_Angeles"}),  # Idaho
    ],
)
def test_every_zone_of_an_area_code_is_a_candidate(e164: str, among: set[str]) -> None:
    assert among <= set(zones_of(e164))


def test_a_code_that_names_no_place_may_be_anywhere_in_the_country() -> None:
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones_of("+18005550100"))


def test_every_candidate_is_a_zone_that_exists() -> None:
    known = available_timezones()
    areas = [f"+1{area}5550100" for area in range(200, 1000)]
    assert {zone for number in [*areas, "+61412345678"] for zone in zones_of(number)} <= known
