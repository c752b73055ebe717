"""Every page can be looked at: whoever adds one whose path has braces says what fills them."""

from __future__ import annotations

from tests.support import pages


def test_every_page_has_a_sample_and_somebody_who_may_see_it() -> None:
    shown = pages.shown()
    open_ended = [door.path for door in shown if "{" in door.path and not pages.sample(door)]
    assert not open_ended, "say in tests/support/pages.py what fills the braces"
    for door in shown:
        pages.viewer(door)  # raises when none of those who look may see it
