"""What the tabs send becomes a settings document; what they list of the retries."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.campaigns.forms import SettingsForm, retry_rows
from app.campaigns.retries import RETRY, Again, Retry
from app.campaigns.strategy import settings_from


def sent(**said: Any) -> dict[str, object]:
    return msgspec.convert({"version": 1, **said}, SettingsForm).changes()


def test_what_is_not_sent_is_not_changed() -> None:
    assert sent() == {}
    assert sent(cap_per_day=None, amd=False) == {"cap_per_day": None, "amd": False}


def test_empty_rows_of_hours_are_no_hours() -> None:
    rows = [
        {"weekdays": [1, 2], "opens": "08:00", "closes": "20:00"},
        {"weekdays": [1], "opens": "", "closes": ""},
    ]
    document = sent(windows=rows)
    assert document == {"windows": [{"weekdays": [1, 2], "from": "08:00", "to": "20:00"}]}
    assert len(settings_from(document).windows) == 1


def test_minutes_become_seconds_and_numbers_are_written_as_networks_write_them() -> None:
    document = sent(
        retry={"BUSY": {"again": "AFTER", "delay_minutes": 20, "max_attempts": 3}},
        caller_ids=" 024 7100 0000 \n\n+84283822 1234\n1900 1234",
    )
    assert settings_from(document).retry["BUSY"] == Retry(1200, 3)
    assert document["caller_ids"] == ["+842471000000", "+842838221234", "1900 1234"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_result_that_may_be_tried_again_has_a_row_with_words(language: str) -> None:
    causes, outcomes = retry_rows(dict(RETRY), language)
    assert all(row.label for row in (*causes, *outcomes))
    assert {row.result for row in causes} >= {"NO_ANSWER", "BUSY", "MACHINE", "ABANDONED"}
    assert "REFUSED" in {row.result for row in outcomes}
    assert all(row.usual.again is not Again.DONE for row in outcomes)
