"""One block a campaign and minute, partitioned by the day of `at`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class PaceMinute(Base):
    """The seconds of one minute. `fence` tells two dialers apart that had parts of the same minute."""

    __tablename__ = "pace_minutes"
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}  # noqa: RUF012 - as SQLAlchemy has it

    campaign_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)  # the minute's beginning
    fence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seconds: Mapped[int] = mapped_column(SmallInteger)  # how many were decided
    figures: Mapped[dict[str, Any]]  # of the whole minute: see `rules.Minute`
    block: Mapped[bytes]  # the seconds themselves: see `folding`
