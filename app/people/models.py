"""Tables of the people who work here: organisation, teams, users, sign-in sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Organisation(Base):
    """The one tenant. `clock_offset_ms` moves business time and is refused with a real carrier."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="Asia/Ho_Chi_Minh")
    base_currency: Mapped[str] = mapped_column(server_default="VND")
    locale: Mapped[str] = mapped_column(server_default="vi")
    date_order: Mapped[str] = mapped_column(server_default="dmy")
    legal_profile: Mapped[str] = mapped_column(server_default="VN")
    holidays: Mapped[list[str]] = mapped_column(server_default="{}")  # ISO dates
    clock_offset_ms: Mapped[int] = mapped_column(server_default="0")
    demo: Mapped[bool] = mapped_column(server_default="false")  # only the simulator may dial it
    dialing_stopped: Mapped[bool] = mapped_column(server_default="false")
    calls_per_second: Mapped[int | None]  # that the carrier takes; None: no cap
    listening_shown: Mapped[bool] = mapped_column(server_default="true")  # to whom is listened to
    rights_version: Mapped[int] = mapped_column(server_default="0")  # rises with each changed cell
    created_at: Mapped[datetime]


class Team(Base):
    """A group of agents and who leads it."""

    __tablename__ = "teams"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    branch: Mapped[str | None]
    lead_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", use_alter=True, name="fk_teams_lead_id")
    )
    phone: Mapped[str | None]  # whom its agents ring when their page is lost


class User(Base):
    """Somebody who signs in. `roles` are words of app.people.rules.Role."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)  # lower case
    full_name: Mapped[str]
    short_name: Mapped[str]  # how an agent names himself on the phone: "Minh"
    roles: Mapped[list[str]]
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"), index=True)
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="vi")
    theme: Mapped[str] = mapped_column(server_default="system")
    single_keys: Mapped[bool] = mapped_column(server_default="true")
    key_map: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}"
    )  # what it does to a key code
    branch: Mapped[str | None]
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    languages: Mapped[list[str]] = mapped_column(server_default="{}")  # spoken, not of the pages
    wrapup_multiplier: Mapped[int] = mapped_column(server_default="1")
    sound_off: Mapped[bool] = mapped_column(server_default="false")
    shortcuts_off: Mapped[bool] = mapped_column(
        server_default="false"
    )  # whatever he prefers himself
    desk_phone: Mapped[bool] = mapped_column(
        server_default="false"
    )  # he speaks by a telephone on his desk, not by his page
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class RolePermission(Base):
    """A cell of the matrix that this organisation has set otherwise than the defaults."""

    __tablename__ = "role_permissions"

    role: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]


class SignIn(Base):
    """A signed-in browser. The cookie's token is kept only as its digest."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index("ix_sign_ins_open", "user_id", postgresql_where=text("ended_at IS NULL")),
    )

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    csrf: Mapped[str]
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    device: Mapped[str | None]
    address: Mapped[str | None]


class SignInFailure(Base):
    """Wrong passwords per name, for the wait after five of them."""

    __tablename__ = "sign_in_failures"

    username: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class Idempotency(Base):
    """The stored answer to a POST, so that a repeated key is answered and not done again."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    request_digest: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
