"""Commands that look after the installation: doctor, backup, restore."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path  # noqa: TC003  # cyclopts reads the types at run time
from typing import TYPE_CHECKING

from app.clock import Clock
from app.command.frame import APP, OUT, here, say
from app.errors import Invalid, Refused
from app.launch.attached import attached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.launch.doctor import Finding


@APP.command
def doctor(*, audit: bool = False) -> None:
    """Look at engines, versions, clocks, limits and the carrier, and say what to do.

    Parameters
    ----------
    audit: Verify the chain of the audit trail as well.
    """
    from app.launch.doctor import Health, look_at_engines, look_at_machine

    state = here()
    findings = [*look_at_machine(state, os.environ), *_look_at_carrier(os.environ)]
    _show_findings(findings)
    with attached(state, os.environ) as environ:
        more = asyncio.run(look_at_engines(environ, Clock()))
        if audit:
            more.append(asyncio.run(_look_at_audit(environ)))
    _show_findings(more)
    bad = [finding for finding in findings + more if finding.health is Health.BAD]
    if bad:
        raise Refused(
            f"{len(bad)} thing(s) must be mended: {', '.join(each.what for each in bad)}."
        )
    say("Paceline can run here.")


@APP.command
def backup(file: Path) -> None:
    """Write everything in PostgreSQL to one file, while the floor works.

    Parameters
    ----------
    file: A new file; it holds personal data and is readable by you only.
    """
    from app.launch.backup import back_up

    with attached(here(), os.environ) as environ:
        manifest = asyncio.run(
            back_up(environ["DATABASE_URL"], file, environ, Clock().now().isoformat())
        )
    rows = sum(manifest.counts.values())
    say(f"{file}: {rows:,} rows of {len(manifest.counts)} tables.")


@APP.command
def restore(file: Path, *, replace: bool = False) -> None:
    """Put a backup in the database's place; the floor must be stopped.

    Parameters
    ----------
    file: A file that `paceline backup` wrote.
    replace: Yes, put it in the place of the data that is there.
    """
    from app.launch.backup import restore as bring_back

    state = here()
    if state.announced() is not None:
        raise Refused("The floor is running: stop it first, because it would lose its footing.")
    with attached(state, os.environ) as environ:
        manifest = asyncio.run(bring_back(environ["DATABASE_URL"], file, environ, replace=replace))
        if not os.environ.get("REDIS_URL"):
            asyncio.run(_forget_the_moment(environ["REDIS_URL"]))
    rows = sum(manifest.counts.values())
    say(f"Restored {rows:,} rows of {len(manifest.counts)} tables as of {manifest.made_at}.")


def _show_findings(findings: Sequence[Finding]) -> None:
    from app.launch.doctor import Health

    marks = {
        Health.GOOD: "[green]ok  [/]",
        Health.WEAK: "[yellow]weak[/]",
        Health.BAD: "[red]BAD [/]",
    }
    for finding in findings:
        OUT.print(marks[finding.health], end=" ")
        say(f"{finding.what}: {finding.said}")
        if finding.fix:
            say(f"       {finding.fix}")


def _look_at_carrier(environ: Mapping[str, str]) -> Iterator[Finding]:
    from app.launch.asterisk import look_at_asterisk
    from app.launch.doctor import Finding, Health
    from app.settings import CARRIERS, ari_server

    carrier = environ.get("PACELINE_CARRIER") or "simulator"
    if carrier not in CARRIERS:
        yield Finding("carrier", Health.BAD, carrier, f"Choose one of {', '.join(CARRIERS)}.")
        return
    yield Finding("carrier", Health.GOOD, carrier)
    if carrier == "ari":
        try:
            server = ari_server(environ)
        except Invalid as fault:
            yield Finding("asterisk", Health.BAD, fault.sentence, "See docs/telephony.md.")
            return
        yield from look_at_asterisk(server)


async def _look_at_audit(environ: Mapping[str, str]) -> Finding:
    from app.audit import service as trail
    from app.db import Database
    from app.launch.doctor import Finding, Health
    from app.settings import async_url

    database = Database(async_url(environ["DATABASE_URL"]), pool_size=1)
    try:
        async with database.reading() as session:
            verdict = await trail.verify(session)
    finally:
        await database.close()
    said = f"{verdict.links:,} entries, {len(verdict.broken)} faults"
    if not verdict.whole:
        fix = f"Somebody changed the trail: {verdict.broken[0]}"
        return Finding("audit trail", Health.BAD, said, fix)
    return Finding("audit trail", Health.GOOD, said)


async def _forget_the_moment(url: str) -> None:
    """Empty Valkey after a restore: what it held belongs to the data that is gone."""
    from realtime.redis_client import connect

    async with connect(url) as client:
        await client.flushall()
