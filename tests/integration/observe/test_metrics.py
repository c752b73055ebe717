"""A process serves its figures on a port of its own, when it is told one."""

from __future__ import annotations

import socket
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING

from app.observe import STEPS, Metrics, configure_logging

if TYPE_CHECKING:
    import pytest


def free_port() -> int:
    """A port with two free ones after it, as far as one can tell."""
    while True:
        with ExitStack() as held:
            first = held.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for step in (1, 2):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port + step))
            except (OSError, OverflowError):
                continue
            return port


def read(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found: bytes = answer.read()
    return found


def test_figures_are_served_until_stopped() -> None:
    port = free_port()
    metrics = Metrics("web")
    metrics.job_failures.labels("walls").inc()
    stop = metrics.serve(port)
    try:
        assert b'paceline_job_failures_total{job="walls"} 1.0' in read(port)
    finally:
        stop()
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


def test_processes_of_one_machine_share_the_setting() -> None:
    port = free_port()
    with ExitStack() as running:
        for process in STEPS:
            metrics = Metrics(process)
            metrics.job_failures.labels(process).inc()
            running.callback(metrics.serve(port))
        for process, step in STEPS.items():
            assert f'job="{process}"'.encode() in read(port + step)


def test_port_that_is_taken_is_logged_and_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("worker")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        Metrics("worker").serve(port - STEPS["worker"])()
    assert f'"port": {port}' in capsys.readouterr().err
