"""What every signed-in page is born with: the rail's user, the CSRF token, and the JSON boot block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.people import store
from app.people.rules import Permission
from app.people.service import channels_of

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import ReadSession
    from app.people.doors import Visit
    from app.people.service import Identity

# What the pages ask before they draw a control; the door behind it asks again.
MAY = {
    "alerts": Permission.ALERT_HANDLE,
    "care": Permission.CARE_DECIDE,
    "thresholds": Permission.ALERT_EDIT,
    "coach": Permission.AGENT_COACH,
    "complete": Permission.AGENT_COMPLETE,
    "control": Permission.CAMPAIGN_CONTROL,
    "order": Permission.AGENT_ORDER,
    "stop": Permission.DIALING_STOP,
    "unmask": Permission.CUSTOMER_UNMASK,
}

EVERYBODY = "wall:agents"  # the channel of who sees every team

# The administration's pages, in the order of their tabs: address, what it needs, its word.
ADMIN_PAGES = (
    ("/admin/people", Permission.PEOPLE_VIEW, "admin.people"),
    ("/admin/roles", Permission.ROLES_EDIT, "admin.roles"),
    ("/admin/sessions", Permission.SESSION_VIEW, "admin.sessions"),
    ("/admin/scripts", Permission.SCRIPT_EDIT, "admin.scripts"),
    ("/admin/announcements", Permission.AGENT_COACH, "admin.announcements"),
    ("/admin/breaks", Permission.BREAKS_EDIT, "admin.breaks"),
    ("/admin/roster", Permission.ROSTER_EDIT, "admin.roster"),
    ("/load", Permission.LOADTEST_RUN, "admin.load"),
)


def admin_pages(who: Identity) -> list[tuple[str, str]]:
    """Address and word of the pages of the administration that this user may see."""
    return [(path, word) for path, needs, word in ADMIN_PAGES if who.may(needs)]


async def page_context(session: ReadSession, visit: Visit) -> dict[str, Any]:
    """The values that `layout.html`, the rail and the browser's `Boot` take."""
    who = visit.user
    organisation = await store.find_organisation(session)
    channels = channels_of(who.person, who.rights)
    teams = await store.list_teams(session)
    seen = [each for each in teams if EVERYBODY in channels or f"wall:team:{each.id}" in channels]
    user = {
        "id": str(who.id),
        "name": who.person.full_name,
        "role": who.person.roles[0] if who.person.roles else "",
        "language": visit.language,
        "single_keys": who.person.single_keys and not who.person.shortcuts_off,
        "sound_off": who.person.sound_off,
    }
    boot = {
        "user": user,
        "csrf": who.sign_in.csrf,
        "channels": channels,
        "server_now": visit.now_ms,
        "demo_clock": bool(organisation and organisation.clock_offset_ms),
        "zone": organisation.timezone if organisation else "Asia/Ho_Chi_Minh",
        "keys": who.person.key_map,
        "lead": await _lead(session, who.person.team_id),
        "teams": [{"id": str(team.id), "name": team.name} for team in seen],
        "may": {name: who.may(permission) for name, permission in MAY.items()},
    }
    return {
        "user": user,
        "csrf": who.sign_in.csrf,
        "theme": visit.theme,
        "boot": boot,
        "may_desk": who.may(Permission.DESK_USE),
        "may_wall": who.may(Permission.WALL_VIEW),
        "may_monitor": who.may(Permission.MONITOR_LISTEN),
        "may_campaigns": who.may(Permission.CAMPAIGN_VIEW),
        "may_explain": who.may(Permission.CAMPAIGN_VIEW),
        "admin_pages": admin_pages(who),
    }


async def _lead(session: ReadSession, team_id: UUID | None) -> dict[str, str | None]:
    """Whom the page names when it has lost its line for long."""
    contact = await store.contact_of(session, team_id) if team_id else store.Contact(None, None)
    return {"name": contact.name, "phone": contact.phone}
