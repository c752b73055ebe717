"""A campaign's windows."""

from dialer.core.campaign import Campaign, CampaignState, Window
from tests.support.dialer import CAMPAIGN, START, a_campaign


def test_a_window_is_half_open() -> None:
    window = Window(START, START + 10)
    assert window.holds(START)
    assert window.holds(START + 9)
    assert not window.holds(START + 10)
    assert not window.holds(START - 1)


def test_the_window_of_now_is_found_among_many() -> None:
    first, second = Window(START, START + 10), Window(START + 20, START + 30)
    campaign = a_campaign(windows=(first, second))
    assert campaign.window(START + 25) is second
    assert campaign.window(START + 15) is None


def test_a_campaign_that_is_gone_is_nameless_and_never_dialled() -> None:
    gone = Campaign.gone(CAMPAIGN)
    assert (gone.name, gone.state) == ("", CampaignState.ARCHIVED)
    assert gone.window(START) is None
