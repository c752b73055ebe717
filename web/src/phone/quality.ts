/** How the voice that comes to this page sounds, between two looks at the connection's counters. */

import type { VoiceCard } from "../cards";

export type Quality = Omit<VoiceCard, "at">;

interface Inbound {
  type: string;
  kind?: string;
  packetsReceived?: number;
  packetsLost?: number;
  jitter?: number;
  roundTripTime?: number;
}

export class Ear {
  private received = 0;
  private lost = 0;

  /** Since the last time; null where nothing came. */
  async hear(connection: RTCPeerConnection): Promise<Quality | null> {
    let inbound: Inbound | null = null;
    let rtt = 0;
    (await connection.getStats()).forEach((report: Inbound) => {
      if (report.type === "inbound-rtp" && report.kind === "audio") inbound = report;
      if (report.type === "remote-inbound-rtp") rtt = report.roundTripTime ?? 0;
    });
    if (!inbound) return null;
    const { packetsReceived = 0, packetsLost = 0, jitter = 0 } = inbound as Inbound;
    const [came, missed] = [packetsReceived - this.received, Math.max(0, packetsLost - this.lost)];
    [this.received, this.lost] = [packetsReceived, packetsLost];
    if (came <= 0) return null;
    return { loss_pct: round((100 * missed) / (came + missed)), jitter_ms: round(jitter * 1000), rtt_ms: round(rtt * 1000) };
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
