"""The ledger of one import: what this file has named so far. Temporary tables, gone with the run.

It lives on a connection of its own, so that the batches beside it can commit (or, in a rehearsal, be
rolled back) while the ledger stays; memory here does not grow with the file.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from app.db import Database

IMPORT_LOCK: Final = 0x0F11E  # advisory lock: one import at a time

_TABLES: Final = (
    "CREATE TEMP TABLE named_loans (account_no text PRIMARY KEY, line bigint NOT NULL)",
    "CREATE TEMP TABLE named_customers (cif text PRIMARY KEY, line bigint, identity text)",
    "CREATE TEMP TABLE refused_loans (account_no text PRIMARY KEY)",
)


class Ledger:
    """What a file has named: loans, customers, references, each with the line that named it first."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def name_loans(self, loans: Mapping[str, int]) -> dict[str, int]:
        """Write down loans with their lines; returns those named before, with their first line."""
        return await self._name(
            "INSERT INTO named_loans SELECT * FROM"
            " unnest(CAST(:keys AS text[]), CAST(:values AS bigint[]))"
            " ON CONFLICT DO NOTHING RETURNING account_no",
            "SELECT account_no, line FROM named_loans WHERE account_no = ANY(:keys)",
            loans,
        )

    async def _name(self, add: str, find: str, named: Mapping[str, Any]) -> dict[str, Any]:
        fresh = await self._connection.execute(
            text(add), {"keys": list(named), "values": list(named.values())}
        )
        again = set(named) - set(fresh.scalars())
        if not again:
            return {}
        rows = await self._connection.execute(text(find), {"keys": list(again)})
        return {row[0]: row[1] for row in rows}

    async def name_customers(
        self, customers: Sequence[tuple[str, int, str]]
    ) -> dict[str, tuple[int, str]]:
        """Write down (cif, line, identity); returns for each cif the first line and its identity."""
        cifs = [cif for cif, _, _ in customers]
        await self._connection.execute(
            text(
                "INSERT INTO named_customers SELECT * FROM unnest(CAST(:cifs AS text[]),"
                " CAST(:lines AS bigint[]), CAST(:identities AS text[])) ON CONFLICT DO NOTHING"
            ),
            {
                "cifs": cifs,
                "lines": [line for _, line, _ in customers],
                "identities": [identity for _, _, identity in customers],
            },
        )
        rows = await self._connection.execute(
            text("SELECT cif, line, identity FROM named_customers WHERE cif = ANY(:cifs)"),
            {"cifs": cifs},
        )
        return {cif: (line, identity) for cif, line, identity in rows}

    async def refuse_loans(self, account_numbers: Collection[str]) -> None:
        """Write down loans of refused rows: they are in the file, though they were not loaded."""
        await self._connection.execute(
            text(
                "INSERT INTO refused_loans SELECT unnest(CAST(:keys AS text[]))"
                " ON CONFLICT DO NOTHING"
            ),
            {"keys": list(account_numbers)},
        )

    async def absent(self, account_numbers: Collection[str]) -> list[str]:
        """Which of these loans the file never named, not even in a refused row."""
        rows = await self._connection.execute(
            text(
                "SELECT number FROM unnest(CAST(:keys AS text[])) AS number"
                " WHERE NOT EXISTS (SELECT FROM named_loans n WHERE n.account_no = number)"
                " AND NOT EXISTS (SELECT FROM refused_loans r WHERE r.account_no = number)"
            ),
            {"keys": list(account_numbers)},
        )
        return list(rows.scalars())


@asynccontextmanager
async def open_ledger(database: Database) -> AsyncIterator[Ledger]:
    """An empty ledger, and the right to import. Raises Conflict while another import runs."""
    async with database.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        try:
            alone = await connection.scalar(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": IMPORT_LOCK}
            )
            if not alone:
                raise Conflict("another import is running: wait for it to end", rule="ONE_IMPORT")
            for statement in _TABLES:
                await connection.execute(text(statement))
            yield Ledger(connection)
        finally:
            # Closing the connection for good takes the tables and the lock with it.
            await connection.invalidate()
