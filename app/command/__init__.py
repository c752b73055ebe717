"""The `paceline` command: everything that an operator does from a shell.

Other processes are started by exec and none of their packages is imported. The business is imported
inside the command that needs it, so that `paceline --help` answers at once.
"""

from app.command import (
    campaigns,
    care,
    customers,
    explain,
    loadtest,
    pacing,
    people,
    portfolio,
    processes,
    replay,
    retention,
    roster,
    targets,
)
from app.command.frame import main

__all__ = [
    "campaigns",
    "care",
    "customers",
    "explain",
    "loadtest",
    "main",
    "pacing",
    "people",
    "portfolio",
    "processes",
    "replay",
    "retention",
    "roster",
    "targets",
]
