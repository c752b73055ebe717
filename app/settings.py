"""What an operator may set, read once from an explicit mapping and passed down.

Units stand in the names. A wrong value is refused at the start with the variable and the fix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.errors import Invalid
from realtime import redis_address

if TYPE_CHECKING:
    from collections.abc import Mapping

CARRIERS = ("simulator", "ari")
CARRIER_PROFILES = ("demo", "realistic", "brisk", "patient", "floor")


@dataclass(frozen=True, slots=True)
class AriServer:
    """One Asterisk and how calls are placed on it; `docs/telephony.md` says what each means.

    url: its REST interface, `http://127.0.0.1:8088/ari`. app: our name there, one dialer per name.
    server: its name in the names of our channels. dial, phone: endpoints with slots, see `load`.
    message, sounds: what an abandoned person hears, and the folder of campaigns' recordings.
    pages: where agents' pages register their telephones, `wss://`; empty: all speak by desk phones.
    network: what a page's endpoint needs in this network, in Asterisk's words.
    """

    url: str
    user: str
    password: str
    dial: str
    phone: str
    app: str = "paceline"
    server: str = "pbx"
    message: str = "sound:paceline-sorry"
    sounds: str = "paceline"
    pages: str = ""
    network: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen record for every process.

    database_url: SQLAlchemy URL, `postgresql+asyncpg://`. redis_url: see `realtime.redis_address`.
    secret: signs socket tickets; at least 32 bytes. state: directory of bundled engines and logs.
    host, port: where the web process listens. metrics_host, metrics_port: where the web process serves
    its figures beside that, the dialer, the worker and the hub at the next numbers; 0 means none.
    carrier, carrier_profile, seed: which telephone network, how it behaves, and its chance.
    pool_size: connections to PostgreSQL that a process keeps; as many again in a burst. drain_seconds: how
    long an ending process waits for live calls and open sockets.
    receipt_wait_ms: a pop that is not received by then goes to the next agent (decisions.md 6).
    origins: what browsers see as our address when a proxy in front changes the Host header.
    ari: the Asterisk that dials, where `carrier` is ari.
    demo_money: whether customers of a demonstration pay part of what they promise; the launcher says so.
    """

    database_url: str
    redis_url: str
    secret: bytes
    state: Path
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    carrier: str = "simulator"
    carrier_profile: str = "demo"
    seed: int = 1
    pool_size: int = 10
    lease_seconds: float = 5.0
    drain_seconds: float = 10.0
    receipt_wait_ms: int = 600
    origins: tuple[str, ...] = ()
    demo_money: bool = False
    ari: AriServer | None = None


def load(environ: Mapping[str, str]) -> Settings:
    """Read settings from `environ`.

    Raises `Invalid` naming the variable and what it should hold.
    """
    return Settings(
        database_url=async_url(_required(environ, "DATABASE_URL")),
        redis_url=_redis_url(_required(environ, "REDIS_URL")),
        secret=_secret(_required(environ, "PACELINE_SECRET")),
        state=Path(environ.get("PACELINE_STATE") or ".paceline"),
        host=environ.get("PACELINE_HOST") or "127.0.0.1",
        port=_integer(environ, "PACELINE_PORT", 8000, least=0, most=65535),
        metrics_host=environ.get("PACELINE_METRICS_HOST") or "127.0.0.1",
        metrics_port=_integer(environ, "PACELINE_METRICS_PORT", 0, least=0, most=65535),
        carrier=_choice(environ, "PACELINE_CARRIER", CARRIERS),
        carrier_profile=_choice(environ, "PACELINE_CARRIER_PROFILE", CARRIER_PROFILES),
        seed=_integer(environ, "PACELINE_SEED", 1, least=0, most=2**31),
        pool_size=_integer(environ, "PACELINE_POOL_SIZE", 10, least=2, most=200),
        drain_seconds=drain_seconds(environ),
        receipt_wait_ms=_integer(environ, "PACELINE_RECEIPT_WAIT_MS", 600, least=100, most=10_000),
        origins=_origins(environ.get("PACELINE_ORIGINS") or ""),
        demo_money=_integer(environ, "PACELINE_DEMO_MONEY", 0, least=0, most=1) == 1,
        ari=ari_server(environ) if environ.get("PACELINE_CARRIER") == "ari" else None,
    )


def drain_seconds(environ: Mapping[str, str]) -> int:
    """How long an ending process waits for live calls and open sockets. Raises `Invalid`."""
    return _integer(environ, "PACELINE_DRAIN_SECONDS", 10, least=0, most=3_600)


def ari_server(environ: Mapping[str, str]) -> AriServer:
    """The Asterisk that dials. Raises `Invalid`."""
    url = _required(environ, "PACELINE_ARI_URL").rstrip("/")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise Invalid(
            "PACELINE_ARI_URL must be like http://127.0.0.1:8088/ari.", field="PACELINE_ARI_URL"
        )
    names = {
        name: environ.get(f"PACELINE_ARI_{name.upper()}") or default
        for name, default in (("app", "paceline"), ("server", "pbx"))
    }
    for name, value in names.items():
        if not re.fullmatch(r"[a-z0-9-]{1,40}", value):
            field = f"PACELINE_ARI_{name.upper()}"
            raise Invalid(f"{field} must be small letters, digits and hyphens.", field=field)
    return AriServer(
        url=url,
        user=_required(environ, "PACELINE_ARI_USER"),
        password=_required(environ, "PACELINE_ARI_PASSWORD"),
        dial=_endpoint(environ, "PACELINE_ARI_DIAL", ("{number}", "{digits}", "{national}"), "@"),
        phone=_endpoint(environ, "PACELINE_ARI_PHONE", ("{agent}",), "/"),
        message=environ.get("PACELINE_ARI_MESSAGE") or "sound:paceline-sorry",
        sounds=environ.get("PACELINE_ARI_SOUNDS") or "paceline",
        pages=_pages(environ.get("PACELINE_ARI_PAGES") or ""),
        network=_network(environ.get("PACELINE_ARI_NETWORK") or ""),
        **names,
    )


def _pages(url: str) -> str:
    """Where browsers open SIP over a websocket; without TLS on this machine only."""
    parts = urlsplit(url)
    near = parts.scheme == "ws" and parts.hostname in {"127.0.0.1", "localhost"}
    if url and not (parts.netloc and (parts.scheme == "wss" or near)):
        raise Invalid(
            "PACELINE_ARI_PAGES must be like wss://desk.example/phone.", field="PACELINE_ARI_PAGES"
        )
    return url


def _network(text: str) -> dict[str, str]:
    """Options of an endpoint: `name=value`, separated by commas."""
    options = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    if not all(re.fullmatch(r"[a-z0-9_]+", name) and value for name, _, value in options):
        raise Invalid(
            "PACELINE_ARI_NETWORK must be like media_address=10.0.0.5, separated by commas.",
            field="PACELINE_ARI_NETWORK",
        )
    return {name: value for name, _, value in options}


def _endpoint(environ: Mapping[str, str], name: str, slots: tuple[str, ...], mark: str) -> str:
    """An endpoint of Asterisk with one of the slots in it."""
    endpoint = _required(environ, name)
    if mark not in endpoint or not any(slot in endpoint for slot in slots):
        example = "PJSIP/{digits}@carrier" if mark == "@" else "PJSIP/{agent}"
        raise Invalid(f"{name} must be an endpoint like {example}.", field=name)
    return endpoint


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise Invalid(f"{name} is not set: `paceline demo` sets it, or export it.", field=name)
    return value


def async_url(url: str) -> str:
    """The URL with our driver named in it; other tools write it plain."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+asyncpg://" + url.removeprefix(plain)
    if not url.startswith("postgresql+asyncpg://"):
        raise Invalid("DATABASE_URL must start with postgresql://.", field="DATABASE_URL")
    return url


def _redis_url(url: str) -> str:
    try:
        redis_address.read(url)
    except ValueError as error:
        raise Invalid(f"REDIS_URL {error}.", field="REDIS_URL") from error
    return url


def _secret(text: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    least_bytes = 32
    if len(secret) < least_bytes:
        raise Invalid(
            "PACELINE_SECRET must be at least 64 hexadecimal digits.", field="PACELINE_SECRET"
        )
    return secret


def _integer(environ: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return int(text)


def _origins(text: str) -> tuple[str, ...]:
    """Addresses as a browser's Origin header writes them, separated by commas."""
    origins = tuple(part.strip().lower().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            raise Invalid(
                "PACELINE_ORIGINS must be like https://desk.example, separated by commas.",
                field="PACELINE_ORIGINS",
            )
    return origins


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = environ.get(name) or choices[0]
    if value not in choices:
        raise Invalid(f"{name} must be one of {', '.join(choices)}.", field=name)
    return value
