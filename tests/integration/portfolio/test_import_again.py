"""`paceline import`: the same file changes nothing, tomorrow's updates, `--full` closes, a rehearsal counts.

Issue: "The same file again changes nothing; tomorrow's file updates what changed, audited; `--full`
closes (never deletes) absent loans and takes them out of campaigns; calls and promises in progress are
untouched; `--dry-run` prints the counts."
"""

from __future__ import annotations

import asyncio
import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from app.audit.service import SYSTEM
from app.campaigns import service as campaigns
from app.db import Database
from app.errors import Conflict, Refused, Unavailable
from app.portfolio.service import ImportOptions, import_file
from app.portfolio.store import open_ledger
from app.promises import service as promises
from app.promises.jobs import judge_due
from tests.integration.portfolio.conftest import HEADER, a_row

if TYPE_CHECKING:
    from uuid import UUID

    from tests.integration.portfolio.conftest import Desk

MONEY = (
    *HEADER,
    "last_payment_on",
    "last_payment_amount",
    "last_payment_ref",
    "promise_amount",
    "promise_due_on",
)
PAID = ("01/10/2026", "1.000.000", "FT1", "2.000.000", "30/11/2026")


@pytest.mark.req("S0d-008")
async def test_the_same_file_again_changes_nothing_at_all(desk: Desk) -> None:
    rows = [
        [*a_row(account_no=f"A{n}", cif=f"K{n}"), *PAID[:2], f"FT{n}", *PAID[3:]] for n in range(5)
    ]
    path = desk.write(rows, MONEY)
    first = await desk.load_file(path)
    assert first.counts["created"] == 5
    before = await desk.everything()
    desk.clock.advance(seconds=86_400)
    second = await desk.load_file(path)
    assert second.counts == {name: 5 if name == "unchanged" else 0 for name in second.counts}
    assert not second.changed
    assert await desk.everything() == before


@pytest.mark.req("S1-035")
async def test_consent_is_noted_with_its_source_and_only_when_it_is_new(desk: Desk) -> None:
    header = (*HEADER, "Đồng ý gọi", "Nguồn đồng ý")
    for word in ("có", "có", "không"):
        await desk.load([[*a_row(), word, "hợp đồng"]], header)
    async with desk.database.reading() as session:
        rows = await session.execute(
            text("SELECT channel, aim, given, source FROM consents ORDER BY at, id")
        )
    assert list(rows) == [("CALL", "DEBT", given, "hợp đồng") for given in (True, False)]


async def test_the_banks_class_of_risk_is_kept_until_the_file_says_another(desk: Desk) -> None:
    header = (*HEADER, "Mức rủi ro")
    for told, kept in (("Cao", "HIGH"), ("", "HIGH"), ("rất cao", "CRITICAL")):
        await desk.load([[*a_row(), told]], header)
        assert await desk.one("SELECT risk_class FROM customers") == {"risk_class": kept}


async def test_another_order_of_columns_and_another_encoding_is_the_same_file(desk: Desk) -> None:
    await desk.load([a_row()])
    turned = desk.write([a_row()[::-1]], HEADER[::-1], encoding="utf-16", delimiter="\t")
    report = await desk.load_file(turned)
    assert report.counts["unchanged"] == 1


@pytest.mark.req("S0d-008")
async def test_tomorrows_file_updates_what_changed_with_before_and_after(desk: Desk) -> None:
    await desk.load([a_row(), a_row(account_no="HD2", cif="KH2")])
    desk.clock.advance(seconds=86_400)
    report = await desk.load(
        [
            a_row(overdue="6.000.000", customer_name="Nguyễn Thị Thu Hằng"),
            a_row(account_no="HD2", cif="KH2"),
        ]
    )
    assert (report.counts["updated"], report.counts["unchanged"]) == (1, 1)
    assert report.counts["customers_changed"] == 1
    trail = await desk.all(
        "SELECT entity, verb, before, after FROM audit_events WHERE verb = 'changed' ORDER BY entity"
    )
    assert [event["entity"] for event in trail] == ["customer", "loan"]
    assert trail[0]["before"]["display"] == "Nguyễn Thị Thu Hà"
    assert trail[0]["after"]["display"] == "Nguyễn Thị Thu Hằng"
    assert trail[1]["before"] == {"overdue_minor": 5_420_000}
    assert trail[1]["after"] == {"overdue_minor": 6_000_000}


async def test_a_loan_that_the_file_does_not_name_stays_without_full(desk: Desk) -> None:
    await desk.load([a_row(), a_row(account_no="HD2")])
    report = await desk.load([a_row()])
    assert report.counts["closed"] == 0
    assert len(await desk.all("SELECT 1 FROM loans WHERE closed_at IS NULL")) == 2


async def a_campaign(desk: Desk) -> UUID:
    async with desk.database.writing() as session:
        plan = campaigns.Plan(name="Thẻ", where="dpd 1..90")
        return await campaigns.create(session, plan, SYSTEM, desk.clock)


async def lead_states(desk: Desk) -> dict[str, str]:
    rows = await desk.all(
        "SELECT l.account_no, d.state FROM leads d JOIN loans l ON l.id = d.loan_id ORDER BY 1"
    )
    return {row["account_no"]: row["state"] for row in rows}


async def test_full_closes_absent_loans_and_takes_them_out_of_campaigns(desk: Desk) -> None:
    names = ["A", "B", "C"]
    await desk.load([a_row(account_no=n, cif=n) for n in names])
    await a_campaign(desk)
    await desk.run(
        "UPDATE leads SET state = 'IN_FLIGHT' FROM loans l WHERE l.id = loan_id AND l.account_no = 'C'"
    )
    report = await desk.load([a_row(account_no="A", cif="A")], full=True)
    assert (report.counts["closed"], report.counts["leads_excluded"]) == (2, 1)
    loans = await desk.all(
        "SELECT account_no, close_reason, outstanding_minor FROM loans ORDER BY 1"
    )
    assert [loan["close_reason"] for loan in loans] == [
        None,
        "ABSENT_FROM_FILE",
        "ABSENT_FROM_FILE",
    ]
    assert {loan["outstanding_minor"] for loan in loans} == {38_900_000}
    assert await lead_states(desk) == {"A": "PENDING", "B": "EXCLUDED", "C": "IN_FLIGHT"}
    assert report.counts["cases_closed"] == 2
    trail = await desk.all(
        "SELECT after FROM audit_events WHERE verb = 'closed' AND entity = 'loan'"
    )
    assert len(trail) == 2


async def test_full_leaves_promises_and_calls_in_progress_untouched(desk: Desk) -> None:
    await desk.load([[*a_row(), *PAID]], MONEY)
    loan = await desk.one("SELECT id, customer_id FROM loans")
    await desk.run(
        "INSERT INTO calls (id, created_at, customer_id, loan_id, number, state) VALUES"
        " (gen_random_uuid(), :now, :customer, :loan, '+84912345678', 'BRIDGED')",
        now=desk.clock.now(), customer=loan["customer_id"], loan=loan["id"],
    )  # fmt: skip
    before = {
        name: await desk.all(f"SELECT * FROM {name}") for name in ("promises", "calls", "holds")
    }
    report = await desk.load([a_row(account_no="OTHER", cif="KH9")], full=True)
    assert report.counts["closed"] == 1
    after = {
        name: await desk.all(f"SELECT * FROM {name}") for name in ("promises", "calls", "holds")
    }
    assert after == before


async def test_a_closed_loan_that_comes_back_is_opened_again(desk: Desk) -> None:
    await desk.load([a_row(), a_row(account_no="HD2")])
    await desk.load([a_row(account_no="HD2")], full=True)
    report = await desk.load([a_row(), a_row(account_no="HD2")])
    assert (report.counts["reopened"], report.counts["unchanged"]) == (1, 1)
    assert await desk.all("SELECT 1 FROM loans WHERE closed_at IS NOT NULL") == []


async def test_a_loan_of_a_refused_row_is_not_absent(desk: Desk) -> None:
    await desk.load([a_row(account_no=n, cif=n) for n in ("A", "B", "C")])
    report = await desk.load(
        [a_row(account_no="A", cif="A"), a_row(account_no="B", cif="B", outstanding="?")], full=True
    )
    assert report.counts["closed"] == 1
    (closed,) = await desk.all("SELECT account_no FROM loans WHERE closed_at IS NOT NULL")
    assert closed == {"account_no": "C"}


async def test_full_closes_nothing_when_a_refused_row_does_not_tell_its_loan(desk: Desk) -> None:
    await desk.load([a_row(account_no=n, cif=n) for n in ("A", "B")])
    report = await desk.load([a_row(account_no="A", cif="A"), a_row(account_no="")], full=True)
    assert report.counts["closed"] == 0
    assert report.closed_not is not None
    assert "nothing was closed" in report.closed_not


async def test_full_does_not_close_most_of_a_portfolio_by_mistake(desk: Desk) -> None:
    await desk.load([a_row(account_no=f"A{n}", cif=f"K{n}") for n in range(1_100)])
    with pytest.raises(Refused, match="1099 of 1100"):
        await desk.load([a_row(account_no="A0", cif="K0")], full=True)
    assert len(await desk.all("SELECT 1 FROM loans WHERE closed_at IS NULL")) == 1_100
    report = await desk.load([a_row(account_no="A0", cif="K0")], full=True, mass_close=True)
    assert report.counts["closed"] == 1_099


async def test_a_rehearsal_counts_as_the_run_does_and_changes_nothing(desk: Desk) -> None:
    await desk.load([a_row(), a_row(account_no="HD2")])
    before = await desk.everything()
    rows = [
        a_row(overdue="1.000.000"),
        [*a_row(account_no="HD3", cif="KH3")],
        a_row(account_no="HD4", outstanding="?"),
    ]
    rehearsal = await desk.load(rows, full=True, dry_run=True)
    assert await desk.everything() == before
    assert rehearsal.rejected_path is None
    assert sorted(path.name for path in desk.folder.iterdir()) == ["portfolio.csv"]
    real = await desk.load(rows, full=True)
    assert real.counts == rehearsal.counts
    assert real.counts["closed"] == 1


async def test_a_rehearsal_counts_a_customer_of_two_batches_once(desk: Desk) -> None:
    rows = [a_row(account_no=f"A{n}", cif=f"K{n % 700}") for n in range(1_400)]
    rehearsal = await desk.load(rows, dry_run=True)
    real = await desk.load(rows)
    assert rehearsal.counts["customers_created"] == real.counts["customers_created"] == 700
    assert rehearsal.counts["numbers_added"] == real.counts["numbers_added"] == 700


@pytest.mark.req("S0d-008")
async def test_money_in_the_file_is_recorded_once(desk: Desk) -> None:
    await desk.load([[*a_row(), *PAID]], MONEY)
    report = await desk.load([[*a_row(due_amount="1"), *PAID]], MONEY)
    assert report.counts["payments_recorded"] == 0
    payment = await desk.one("SELECT amount_minor, paid_on, source FROM payments")
    assert payment == {"amount_minor": 1_000_000, "paid_on": date(2026, 10, 1), "source": "import"}
    promise = await desk.one("SELECT amount_minor, due_on, state, tolerance_minor FROM promises")
    assert promise == {
        "amount_minor": 2_000_000, "due_on": date(2026, 11, 30), "state": "OPEN", "tolerance_minor": 10_000,
    }  # fmt: skip
    hold = await desk.one("SELECT kind, source, until FROM holds")
    assert (hold["kind"], hold["source"]) == ("PROMISE_RUNNING", "import")
    assert hold["until"].isoformat() == "2026-12-01T17:00:00+00:00"


async def test_money_of_the_last_day_that_the_mornings_file_tells_keeps_the_promise(
    desk: Desk,
) -> None:
    await desk.load([[*a_row(), *PAID[:4], "24/11/2026"]], MONEY)
    desk.clock.advance(seconds=3 * 86_400)  # its window ended with the 25th
    assert await judge_due(desk.database, desk.clock) == 1
    paid = ("25/11/2026", "2.000.000", "FT2", "2.000.000", "24/11/2026")
    report = await desk.load([[*a_row(), *paid]], MONEY)
    assert report.counts["payments_recorded"] == 1
    promise = await desk.one("SELECT state, paid_in_window_minor FROM promises")
    assert promise == {"state": "KEPT", "paid_in_window_minor": 2_000_000}


async def test_money_without_a_number_is_known_by_loan_day_and_amount(desk: Desk) -> None:
    nameless = (*PAID[:2], "", *PAID[3:])
    await desk.load([[*a_row(), *nameless]], MONEY)
    report = await desk.load([[*a_row(due_amount="1"), *nameless]], MONEY)
    assert (report.counts["payments_recorded"], report.counts["promises_recorded"]) == (0, 0)
    later = ("15/11/2026", "1.000.000", "", "2.000.000", "30/11/2026")
    report = await desk.load([[*a_row(), *later]], MONEY)
    assert report.counts["payments_recorded"] == 1


async def test_a_payment_told_differently_is_corrected_and_audited(desk: Desk) -> None:
    await desk.load([[*a_row(), *PAID]], MONEY)
    report = await desk.load([[*a_row(), PAID[0], "1.200.000", *PAID[2:]]], MONEY)
    assert report.counts["payments_corrected"] == 1
    event = await desk.one("SELECT before, after FROM audit_events WHERE entity = 'payment'")
    assert event == {"before": {"amount_minor": 1_000_000}, "after": {"amount_minor": 1_200_000}}


async def test_a_promise_made_at_a_desk_is_not_made_again_nor_changed(desk: Desk) -> None:
    await desk.load([a_row()])
    loan: dict[str, Any] = await desk.one("SELECT id, customer_id FROM loans")
    due = desk.clock.today("Asia/Ho_Chi_Minh") + timedelta(days=5)
    async with desk.database.writing() as session:
        terms = promises.Terms(
            customer_id=loan["customer_id"], loan_id=loan["id"], amount_minor=2_000_000,
            currency="VND", due_on=due,
        )  # fmt: skip
        await promises.make_promise(session, terms, actor=SYSTEM, clock=desk.clock)
    before = await desk.one("SELECT * FROM promises")
    told = (*PAID[:3], "2.000.000", f"{due:%d/%m/%Y}")
    report = await desk.load([[*a_row(), *told]], MONEY)
    assert (report.counts["promises_left"], report.counts["promises_recorded"]) == (1, 0)
    assert await desk.one("SELECT * FROM promises") == before


async def test_a_case_opens_with_arrears_and_closes_when_they_are_paid(desk: Desk) -> None:
    report = await desk.load([a_row(), a_row(account_no="HD2", oldest_unpaid_on="", overdue="0")])
    assert report.counts["cases_opened"] == 1
    case = await desk.one("SELECT case_no, stage, status FROM cases")
    assert case == {"case_no": "CASE-2026-0000001", "stage": "MID", "status": "OPEN"}
    await a_campaign(desk)
    report = await desk.load([a_row(overdue="0", oldest_unpaid_on="")])
    assert (report.counts["cases_closed"], report.counts["leads_excluded"]) == (1, 1)
    case = await desk.one("SELECT status, close_reason FROM cases")
    assert case == {"status": "CLOSED", "close_reason": "CURED"}


async def test_a_run_that_was_cut_off_is_simply_run_again(desk: Desk) -> None:
    path = desk.write([a_row(account_no=f"A{n}", cif=f"K{n}") for n in range(2_500)])

    def cut(done_bytes: int, total_bytes: int, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_file(desk.database, path, ImportOptions(), cut, desk.clock)
    assert len(await desk.all("SELECT 1 FROM loans")) == 1_000
    report = await desk.load_file(path)
    assert (report.counts["unchanged"], report.counts["created"]) == (1_000, 1_500)


async def test_a_database_that_goes_away_is_one_sentence(desk: Desk) -> None:
    path = desk.write([a_row(account_no=f"A{n}", cif=f"K{n}") for n in range(2_500)])
    url = desk.database.engine.url.render_as_string(hide_password=False)

    def cut(done_bytes: int, total_bytes: int, rows: int) -> None:
        if rows == 1_000:
            cutter = threading.Thread(target=lambda: asyncio.run(end_connections(url)))
            cutter.start()
            cutter.join()

    with pytest.raises(Unavailable, match="run the import again"):
        await import_file(desk.database, path, ImportOptions(), cut, desk.clock)
    assert (await desk.load_file(path)).counts["unchanged"] >= 1_000


async def end_connections(url: str) -> None:
    """End every other connection to this database."""
    database = Database(url)
    async with database.reading() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await database.close()


async def test_two_imports_do_not_run_at_once(desk: Desk) -> None:
    async with open_ledger(desk.database):
        with pytest.raises(Conflict, match="another import"):
            await desk.load([a_row()])
    assert (await desk.load([a_row()])).loaded == 1
