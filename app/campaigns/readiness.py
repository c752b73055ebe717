"""The list that must be green before a campaign starts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.campaigns.lawful import mode_problem, problems
from app.campaigns.rules import Mode
from app.campaigns.strategy import Settings
from app.compliance.profiles import Profile


@dataclass(frozen=True, slots=True)
class ReadyFacts:
    """What is known of a campaign before it starts."""

    dialable: int
    agents: int
    opens_today: bool
    mode: Mode = Mode.PROGRESSIVE
    languages: frozenset[str] = frozenset()
    script_languages: frozenset[str] = frozenset({"vi", "en"})


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the readiness list; `code` names it for the translations."""

    code: str
    ok: bool


def readiness(facts: ReadyFacts, settings: Settings, profile: Profile) -> tuple[Check, ...]:
    """The list that must be green before a campaign starts (S0c-048)."""
    return (
        Check("DIALABLE", facts.dialable >= 1),
        Check("AGENTS", facts.agents >= 1 or facts.mode is Mode.AGENTLESS),
        Check("LINES", settings.lines >= 1),
        Check("WINDOW_TODAY", facts.opens_today),
        Check("SETTINGS_LAWFUL", not problems(settings, profile)),
        Check("MODE_LAWFUL", mode_problem(facts.mode, profile) is None),
        Check("SCRIPT_LANGUAGES", facts.languages <= facts.script_languages),
        Check("CALLER_ID", bool(settings.caller_ids)),
    )


def is_ready(checks: Sequence[Check]) -> bool:
    """Whether every line of the list is green."""
    return all(check.ok for check in checks)
