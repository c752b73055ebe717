"""The doctor asks an Asterisk what calls need of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.launch.asterisk import look_at_asterisk
from app.launch.doctor import Health

if TYPE_CHECKING:
    from tests.support.asterisk import Lab


def test_the_laboratory_is_as_calls_need_it(lab: Lab) -> None:
    (found,) = look_at_asterisk(lab.server("doctor", pages=True))
    assert found.health is Health.GOOD
    assert found.said.startswith("22.")


def test_what_is_wrong_is_named_with_its_fix(lab: Lab) -> None:
    server = lab.server("doctor")
    (found,) = look_at_asterisk(replace(server, password="wrong"))
    assert (found.health, found.said) == (Health.BAD, "it answers 401.")
    (found,) = look_at_asterisk(replace(server, url="http://127.0.0.1:9/ari"))
    assert found.health is Health.BAD
    assert "PACELINE_ARI_URL" in found.fix


def test_a_module_that_silences_people_is_named(lab: Lab) -> None:
    lab.console("pbx", "module load bridge_native_rtp.so")
    try:
        *_, found = look_at_asterisk(lab.server("doctor"))
    finally:
        lab.console("pbx", "module unload bridge_native_rtp.so")
    assert (found.health, found.fix) == (Health.WEAK, "noload it in modules.conf.")
