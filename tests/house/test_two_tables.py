"""Words that the room and the business each say for themselves are the same words.

The core imports nothing of the app but values, so these stand twice; here they are held together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.calls import rules as calls
from app.campaigns import rules as campaigns
from app.compliance import profiles
from app.monitor import rules as monitor_words
from dialer.core import call, campaign, monitor

if TYPE_CHECKING:
    from enum import StrEnum


@pytest.mark.parametrize(
    ("business", "room"),
    [
        (calls.CallState, call.CallState),
        (calls.Cause, call.Cause),
        (campaigns.Mode, campaign.Mode),
        (campaigns.CampaignState, campaign.CampaignState),
        (profiles.AbandonClock, campaign.AbandonClock),
        (monitor_words.Mode, monitor.MonitorMode),
        (monitor_words.End, monitor.MonitorEnd),
    ],
)
def test_the_room_and_the_business_say_the_same_words(
    business: type[StrEnum], room: type[StrEnum]
) -> None:
    assert {word.value for word in business} == {word.value for word in room}
