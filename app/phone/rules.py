"""How a page's telephone is called at Asterisk, and what it is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "paceline-"
LIFE_MS: Final = 900_000
"""A secret registers a telephone for so long; a page fetches the next one long before."""
REGISTRATION_S: Final = 90  # how often a page says that it is there
TOKEN_SETTER: Final = "PJSIP_HEADER(add,X-Paceline)"  # noqa: S105 - the name of a header
"""Our INVITE to a page carries the page's token in this header; the page answers no other."""


def endpoint_of(agent: UUID) -> str:
    """The endpoint, address of record, user and login of an agent's page."""
    return f"{PREFIX}{agent.hex}"


def agent_of(endpoint: str) -> UUID | None:
    """Whose page an endpoint is; None for one that is nobody's."""
    if not endpoint.startswith(PREFIX):
        return None
    try:
        return UUID(endpoint.removeprefix(PREFIX))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a page registers with. `secret` and `token` are kept nowhere but at Asterisk and in the page."""

    user: str
    secret: str
    token: str
    lives_ms: int


def auth_of(credentials: Credentials) -> Mapping[str, str]:
    """The login, as Asterisk's `auth` object."""
    return {
        "auth_type": "userpass",
        "username": credentials.user,
        "password": credentials.secret,
    }


def aor_of() -> Mapping[str, str]:
    """The address of record: one page at a time, the newer one counts."""
    return {
        "max_contacts": "1",
        "remove_existing": "yes",
        "default_expiration": str(REGISTRATION_S),
        "maximum_expiration": str(REGISTRATION_S),
        "minimum_expiration": "30",
    }


def endpoint_for(credentials: Credentials, network: Mapping[str, str]) -> Mapping[str, str]:
    """The endpoint: WebRTC, and a context that leads nowhere, for a page dials nobody.

    `network` are what the place needs beside that, `media_address` for example. A page that goes away says
    nothing, so silence of 8 s ends its leg.
    """
    return {
        "webrtc": "yes",
        "context": "paceline-page",
        "disallow": "all",
        "allow": "ulaw,alaw,opus",
        "direct_media": "no",
        "rtp_timeout": "8",
        **network,
        "aors": credentials.user,
        "auth": credentials.user,
        "set_var": f"{TOKEN_SETTER}={credentials.token}",
    }
