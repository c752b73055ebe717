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


ASTERISK = {
    **LEAST,
    "PACELINE_CARRIER": "ari",
    "PACELINE_ARI_URL": "http://127.0.0.1:8088/ari/",
    "PACELINE_ARI_USER": "paceline",
    "PACELINE_ARI_PASSWORD": "sesame",
    "PACELINE_ARI_DIAL": "PJSIP/{national}@trunk",
    "PACELINE_ARI_PHONE": "PJSIP/{agent}",
}


def test_an_asterisk_is_described_by_where_it_is_and_how_it_dials() -> None:
    server = load(ASTERISK).ari
    assert server is not None
    assert (server.url, server.app, server.server) == (
        "http://127.0.0.1:8088/ari",
        "paceline",
        "pbx",
    )
    assert load({**ASTERISK, "PACELINE_CARRIER": "simulator"}).ari is None


def test_pages_are_telephones_where_it_is_said_where_they_register() -> None:
    desk_phones, pages = load(ASTERISK).ari, "wss://desk.example/phone"
    assert desk_phones is not None
    assert desk_phones.pages == ""
    network = "media_address=10.0.0.5, rtp_symmetric=yes"
    told = {"PACELINE_ARI_PAGES": pages, "PACELINE_ARI_NETWORK": network}
    server = load({**ASTERISK, **told}).ari
    assert server is not None
    assert server.pages == pages
    assert server.network == {"media_address": "10.0.0.5", "rtp_symmetric": "yes"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PACELINE_ARI_URL", "127.0.0.1:8088"),
        ("PACELINE_ARI_USER", ""),
        ("PACELINE_ARI_DIAL", "PJSIP/{digits}"),
        ("PACELINE_ARI_DIAL", "PJSIP/113@trunk"),
        ("PACELINE_ARI_PHONE", "PJSIP/desk"),
        ("PACELINE_ARI_PAGES", "https://desk.example/phone"),
        ("PACELINE_ARI_PAGES", "ws://desk.example/phone"),  # in the clear, over a network
        ("PACELINE_ARI_NETWORK", "media_address"),
        ("PACELINE_ARI_NETWORK", "media_address=10.0.0.5,a b=c"),
        ("PACELINE_ARI_APP", "our.dialer"),
        ("PACELINE_ARI_SERVER", "PBX 1"),
    ],
)
def test_a_wrong_word_about_asterisk_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(Invalid) as invalid:
        load({**ASTERISK, name: value})
    assert invalid.value.field == name


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
