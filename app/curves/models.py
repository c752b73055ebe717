"""The table of curves: counts by age, of one hour, one group of tries and one part of a call."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class CurveRow(Base):
    """Calls that were dialled in the hour from `began` on. The four lists are of one length.

    `ages` are whole seconds, ascending; at each so many ended as hoped (`hits`), otherwise (`others`), or
    were cut off by ourselves (`cut`). What each means is in `rules.Stage`.
    """

    __tablename__ = "pacing_curves"

    campaign_id: Mapped[UUID] = mapped_column(
        ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    began: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(primary_key=True)  # group of values/tries.py
    stage: Mapped[str] = mapped_column(primary_key=True)
    ages: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()))
    hits: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()))
    others: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()))
    cut: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()))
