"""Looks at the Asterisk that is to dial: is it there, and is it set up as calls need it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx2

from app.launch.doctor import Finding, Health

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.settings import AriServer

ANSWER_S: Final = 5.0
OLDEST: Final = 20
NEEDED: Final = {
    "app_amd.so": "persons are not told from machines",
    "app_stasis.so": "no call comes into our hands",
    "chan_pjsip.so": "there are no calls",
    "res_ari_channels.so": "nobody can be rung",
    "res_stasis_playback.so": "no message is played",
    "res_stasis_snoop.so": "nobody can listen in",
}
"""Modules, and what is missed without them."""
OF_PAGES: Final = {
    "res_pjsip_transport_websocket.so": "no page can register its telephone",
    "res_sorcery_memory.so": "no page can be given a telephone",
    "res_srtp.so": "no page can be spoken to",
}
"""The same where agents speak by their pages."""
OK: Final = 200


def look_at_asterisk(server: AriServer) -> Iterator[Finding]:
    """What its REST interface tells; `docs/telephony.md` has the reasons."""
    with httpx2.Client(
        base_url=server.url,
        auth=(server.user, server.password),
        timeout=ANSWER_S,
        trust_env=False,
    ) as http:
        try:
            told = http.get("/asterisk/info", params={"only": "system"})
        except httpx2.HTTPError as fault:
            fix = "Is it running, http.conf enabled, PACELINE_ARI_URL right?"
            yield Finding("asterisk", Health.BAD, f"{server.url} does not answer: {fault}.", fix)
            return
        if told.status_code != OK:
            fix = "Look at ari.conf (user, password) and the path of PACELINE_ARI_URL (it ends in /ari)."
            yield Finding("asterisk", Health.BAD, f"it answers {told.status_code}.", fix)
            return
        yield _version(str(told.json()["system"]["version"]))
        yield from _modules(http, NEEDED | (OF_PAGES if server.pages else {}))


def _version(version: str) -> Finding:
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) < OLDEST:
        return Finding("asterisk", Health.BAD, version, f"Asterisk {OLDEST} or newer is needed.")
    return Finding("asterisk", Health.GOOD, version)


def _modules(http: httpx2.Client, needed: Mapping[str, str]) -> Iterator[Finding]:
    for module, missed in needed.items():
        if http.get(f"/asterisk/modules/{module}").status_code != OK:
            fix = f"Load it in modules.conf: without it {missed}."
            yield Finding("asterisk", Health.BAD, f"{module} is not loaded.", fix)
    if http.get("/asterisk/modules/bridge_native_rtp.so").status_code == OK:
        yield Finding(
            "asterisk",
            Health.WEAK,
            "bridge_native_rtp.so is loaded: who is listened to may fall silent for the other.",
            "noload it in modules.conf.",
        )
