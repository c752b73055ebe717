# Where the lab is and which ports it has. Sourced by build, start, stop and hold; needs bash.
#
#   PACELINE_ASTERISK        where it is built (about 400 MB); .cache/asterisk of this tree
#   PACELINE_ASTERISK_BASE   first port of a pair of Asterisks; 15000
#   PACELINE_ASTERISK_PORTS  how many ports they have; 4000. Two pairs need two blocks.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB=${PACELINE_ASTERISK:-$HERE/../../.cache/asterisk}
mkdir -p "$LAB" && LAB=$(cd "$LAB" && pwd)
ROOT=$LAB/root # the Debian that Asterisk lives in

BASE=${PACELINE_ASTERISK_BASE:-15000}
PORTS=${PACELINE_ASTERISK_PORTS:-4000}
MEDIA=$(((PORTS - 200) / 2))
PBX_HTTP=$((BASE + 88)) # ARI, and SIP of browsers
PSTN_HTTP=$((BASE + 89))
PBX_SIP=$((BASE + 160))
PSTN_SIP=$((BASE + 161))
PBX_RTP0=$((BASE + 200))
PBX_RTP1=$((PBX_RTP0 + MEDIA - 1))
PSTN_RTP0=$((PBX_RTP0 + MEDIA))
PSTN_RTP1=$((PSTN_RTP0 + MEDIA - 1))
ARI_USER=paceline
ARI_PASSWORD=loopback-only

die() {
    echo "asterisk: $*" >&2
    exit 1
}

in_root() {
    DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$ROOT" "$@"
}

home() { # home WHO: where one of the two lives, as seen inside
    echo "/lab/$BASE/$1"
}

# render WHO FOLDER: a folder's templates into the configuration of one of the two.
render() {
    local name template to=$ROOT$(home "$1")/etc arguments=(-e "s|@HOME@|$(home "$1")|g")
    arguments+=(-e "s|@MODULES@|$(in_root sh -c 'echo /usr/lib/*/asterisk/modules')|g")
    for name in PBX_HTTP PBX_SIP PSTN_HTTP PSTN_SIP PBX_RTP0 PBX_RTP1 PSTN_RTP0 PSTN_RTP1 \
        ARI_USER ARI_PASSWORD; do
        arguments+=(-e "s|@$name@|${!name}|g")
    done
    mkdir -p "$to"
    for template in "$HERE/$2"/*; do
        sed "${arguments[@]}" "$template" >"$to/$(basename "$template")"
    done
}

# alive WHO: prints the process id while ours runs. The command line is compared too: ids are used again.
alive() {
    local pid
    pid=$(cat "$LAB/$BASE-$1.pid" 2>/dev/null) || return 1
    { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q -- "$(home "$1")/etc/asterisk.conf" || return 1
    echo "$pid"
}
