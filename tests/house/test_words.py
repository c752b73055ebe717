"""Every word that the server sends for people to read stands in both catalogues of the pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.breaks.rules import BREAKS
from app.campaigns.rules import CampaignState
from app.explain.rules import Why
from app.people.rules import Permission, Role, Scope
from app.people.shell import ADMIN_PAGES
from dialer.core.pacing import Because

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("because", [word.value for word in Because]),
        ("because_help", [word.value for word in Because]),
        ("campaign_state", [word.value for word in CampaignState]),
        ("explain.why", [word.value for word in Why]),
        ("pause", [reason.code for reason in BREAKS]),
        ("role", list(Role)),
        ("scope", list(Scope)),
        ("scope_short", list(Scope)),
        ("permission", list(Permission)),
        ("permission_help", list(Permission)),
        ("permission_group", [each.partition(".")[0] for each in Permission]),
        ("admin", [word.partition(".")[2] for _, _, word in ADMIN_PAGES]),
    ],
)
def test_codes_of_the_server_have_words(language: str, prefix: str, codes: list[str]) -> None:
    catalogue = json.loads((ROOT / "web" / "i18n" / f"{language}.json").read_text("utf-8"))
    missing = [code for code in codes if f"{prefix}.{code}" not in catalogue]
    assert not missing
