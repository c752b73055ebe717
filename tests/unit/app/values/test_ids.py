"""UUIDv7 as in RFC 9562, section 5.7, and its own example in appendix A.6."""

from uuid import UUID, uuid4

import pytest

from app.values.ids import made_at_ms, new_id


def test_the_example_of_the_rfc_is_reproduced() -> None:
    expected = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    chance = (0xCC3 << 62 | 0x18C4DC0C0C07398F).to_bytes(10, "big")

    assert new_id(0x017F22E279B0, chance) == expected


def test_ids_sort_by_their_instant_whatever_the_chance() -> None:
    assert new_id(1_000, b"\xff" * 10) < new_id(1_001, b"\x00" * 10)


def test_an_id_tells_when_it_was_made() -> None:
    assert made_at_ms(new_id(1_764_000_000_123, b"0123456789")) == 1_764_000_000_123


@pytest.mark.parametrize("now_ms", [-1, 1 << 48])
def test_an_instant_outside_48_bits_is_refused(now_ms: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        new_id(now_ms, b"0123456789")


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="10 random bytes, 9"):
        new_id(0, b"012345678")


def test_another_kind_of_uuid_has_no_instant() -> None:
    with pytest.raises(ValueError, match="not a UUIDv7"):
        made_at_ms(uuid4())
