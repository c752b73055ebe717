"""Settings are read from what is given, and a wrong one is refused by its name."""

from __future__ import annotations

import pytest

from app.errors import Invalid
from app.settings import load

LEAST = {
    "DATABASE_URL": "postgresql://desk@db/desk",
    "REDIS_URL": "redis://cache",
    "PACELINE_SECRET": "ab" * 32,
}


def test_little_has_to_be_set() -> None:
    settings = load(LEAST)
    assert settings.database_url == "postgresql+asyncpg://desk@db/desk"
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 8000, 0)
    assert (settings.carrier, settings.carrier_profile) == ("simulator", "demo")
    assert (settings.receipt_wait_ms, settings.origins) == (600, ())


def test_what_is_set_is_taken() -> None:
    settings = load(
        {
            **LEAST,
            "PACELINE_PORT": "9000",
            "PACELINE_RECEIPT_WAIT_MS": "900",
            "PACELINE_ORIGINS": "https://Desk.example, http://10.0.0.1:8080/,",
        }
    )
    assert (settings.port, settings.receipt_wait_ms) == (9000, 900)
    assert settings.origins == ("https://desk.example", "http://10.0.0.1:8080")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://db"),
        ("REDIS_URL", ""),
        ("REDIS_URL", "cache:6379"),
        ("REDIS_URL", "redis+sentinel://h1,h2,h3"),
        ("PACELINE_SECRET", "ab"),
        ("PACELINE_SECRET", "no digits"),
        ("PACELINE_PORT", "70000"),
        ("PACELINE_PORT", "-1"),
        ("PACELINE_CARRIER", "pigeon"),
        ("PACELINE_RECEIPT_WAIT_MS", "50"),
        ("PACELINE_ORIGINS", "desk.example"),
        ("PACELINE_ORIGINS", "https://desk.example/path"),
        ("PACELINE_ORIGINS", "https://a.example,ftp://b.example"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(Invalid) as invalid:
        load({**LEAST, name: value})
    assert invalid.value.field == name
