"""Numbers of North America and Britain: however they are written, and whose they cannot be."""

import pytest

from app.values.phone import PhoneKind, read_phone


@pytest.mark.parametrize(
    "raw",
    ["2125550100", "(212) 555-0100", "212.555.0100", "+1 212 555 0100", "1-212-555-0100",
     "0111 212 555 0100".replace(" ", "")],
)  # fmt: skip
def test_a_number_of_new_york_however_it_is_written(raw: str) -> None:
    phone = read_phone(raw, "US")
    assert (phone.e164, phone.country, phone.dialable) == ("+12125550100", "US", True)


@pytest.mark.parametrize(
    ("raw", "e164", "kind"),
    [
        ("020 7946 0958", "+442079460958", PhoneKind.LANDLINE),
        ("+44 (0) 20 7946 0958", "+442079460958", PhoneKind.LANDLINE),
        ("07700 900123", "+447700900123", PhoneKind.MOBILE),
        ("7700900123", "+447700900123", PhoneKind.MOBILE),  # a spreadsheet took its zero
        ("0044 7700 900123", "+447700900123", PhoneKind.MOBILE),
        ("016977 3555", "+44169773555", PhoneKind.LANDLINE),
        ("07624 123456", "+447624123456", PhoneKind.MOBILE),
    ],
)
def test_british_numbers_however_they_are_written(raw: str, e164: str, kind: PhoneKind) -> None:
    phone = read_phone(raw, "UK")
    assert (phone.e164, phone.country, phone.kind) == (e164, "GB", kind)
    assert phone.dialable


@pytest.mark.parametrize(
    ("raw", "home"),
    [("911", "US"), ("800 555 0100", "US"), ("900 555 0100", "US"), ("999", "UK"),
     ("0800 1111111", "UK"), ("070 1234 5678", "UK"), ("07612 345678", "UK")],
)  # fmt: skip
def test_services_are_nobodys_number(raw: str, home: str) -> None:
    phone = read_phone(raw, home)
    assert (phone.kind, phone.e164, phone.dialable) == (PhoneKind.SERVICE, None, False)


@pytest.mark.parametrize(
    ("raw", "home"),
    [("112 555 0100", "US"), ("212 155 0100", "US"), ("211 555 0100", "US"), ("212 555 010", "US"),
     ("not a number", "US"), ("04000 000000", "UK"), ("077009", "UK"), ("", "UK")],
)  # fmt: skip
def test_what_no_plan_has_is_not_guessed_at(raw: str, home: str) -> None:
    assert read_phone(raw, home).kind is PhoneKind.UNKNOWN


def test_a_number_of_another_country_is_kept_and_not_dialled() -> None:
    for raw, home in (("+84 912 345 678", "US"), ("+84 912 345 678", "UK")):
        phone = read_phone(raw, home)
        assert (phone.e164, phone.kind, phone.dialable) == (
            "+84912345678",
            PhoneKind.FOREIGN,
            False,
        )
    assert not read_phone("+1 212 555 0100", "UK").dialable
    assert not read_phone("+1 212 555 0100", "VN").dialable
