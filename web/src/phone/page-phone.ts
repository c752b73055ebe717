/**
 * The telephone in the page: registers at Asterisk, answers our own call and no other, and stays on the line.
 *
 * Its login is fetched when the page opens, renewed long before it ends, and fetched anew whenever Asterisk
 * refuses it: one that was started again knows nobody. What is said to whom is decided by the server; here
 * is only the microphone and the loudspeaker.
 */
import JsSIP from "jssip";
import type { Session, UA } from "jssip";
import { post } from "../http";
import { Microphone } from "./microphone";
import { Ear } from "./quality";

interface Login {
  address: string;
  user: string;
  secret: string;
  token: string;
  lives_ms: number;
  registration_s: number;
}

/** OFF: nobody has asked for it yet. */
export type PhoneState = "OFF" | "CONNECTING" | "REGISTERED" | "LOST";

const QUALITY_MS = 10_000;
const AGAIN_MS = 3_000;
/** Candidates of this machine come within a moment; nothing else is worth waiting for. */
const CANDIDATES_MS = 100;

export class PagePhone {
  readonly microphone = new Microphone();
  state: PhoneState = "OFF";
  /** Our leg is up: who speaks to the customer speaks here. */
  talking = false;
  private ua: UA | null = null;
  private session: Session | null = null;
  private token = "";
  private again: number | undefined;
  private readonly audio = document.createElement("audio");

  constructor(
    private readonly changed: () => void,
    private readonly inCall: () => boolean,
    private readonly door = "/desk/phone",
  ) {
    this.audio.autoplay = true;
    this.audio.hidden = true;
    this.audio.dataset["testid"] = "voice";
    document.body.append(this.audio);
    setInterval(() => void this.tellQuality(), QUALITY_MS);
  }

  /** Opens the microphone and registers; told twice it changes nothing. Throws what the browser says. */
  async start(): Promise<void> {
    await this.microphone.open();
    await this.listenAt(this.microphone.speaker);
    if (this.state === "OFF") await this.connect();
  }

  async chooseMic(id: string): Promise<void> {
    const [track] = (await this.microphone.choose(id)).getAudioTracks();
    const sender = this.session?.connection?.getSenders().find((each) => each.track?.kind === "audio");
    if (track) await sender?.replaceTrack(track);
  }

  async listenAt(speaker: string): Promise<void> {
    this.microphone.chooseSpeaker(speaker);
    // Not every browser lets a page choose: it speaks where the system does then.
    if (speaker && "setSinkId" in this.audio) await this.audio.setSinkId(speaker).catch(() => undefined);
  }

  mute(on: boolean): void {
    this.microphone.mute(on);
  }

  /** Another page is this desk now, or nobody is: what rings is not for us. */
  stop(): void {
    clearTimeout(this.again);
    this.ua?.stop();
    this.ua = null;
    this.state = "OFF";
  }

  private async connect(): Promise<void> {
    this.turn(this.state === "OFF" ? "CONNECTING" : this.state);
    const login = await this.login();
    if (!login) return;
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(login.address)],
      uri: `sip:${login.user}@${new URL(login.address).hostname}`,
      password: login.secret,
      register_expires: login.registration_s,
      session_timers: false,
      user_agent: "Paceline",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
    });
    ua.on("registered", () => this.turn("REGISTERED"));
    ua.on("disconnected", () => this.turn("LOST"));
    ua.on("registrationFailed", () => this.renewSoon());
    ua.on("newRTCSession", ({ originator, request, session }) => {
      if (originator === "remote") this.called(session, request.getHeader("X-Paceline"));
    });
    this.ua = ua;
    ua.start();
  }

  /** A new login; the next one is fetched when two thirds of its time are over. */
  private async login(): Promise<Login | null> {
    const answer = await post<Login>(this.door);
    clearTimeout(this.again);
    if (!answer.ok) {
      this.turn("LOST");
      this.again = setTimeout(() => void this.renew(), AGAIN_MS);
      return null;
    }
    this.token = answer.token;
    this.again = setTimeout(() => void this.renew(), (answer.lives_ms * 2) / 3);
    return answer;
  }

  private renewSoon(): void {
    this.turn("LOST");
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.renew(), AGAIN_MS / 3);
  }

  private async renew(): Promise<void> {
    if (!this.ua) return this.connect();
    const login = await this.login();
    if (!login) return;
    this.ua.set("password", login.secret);
    if (this.state === "LOST") this.ua.register();
  }

  /** A call to this page. Ours bears the token, and the newest one counts. */
  private called(session: Session, token: string | undefined): void {
    if (!token || token !== this.token) return session.terminate({ status_code: 403 });
    const old = this.session;
    this.session = session;
    if (old && !old.isEnded()) old.terminate();
    let waiting = true;
    session.on("icecandidate", ({ ready }) => {
      if (waiting) setTimeout(ready, CANDIDATES_MS);
      waiting = false;
    });
    session.on("peerconnection", ({ peerconnection }) => {
      peerconnection.addEventListener("track", ({ track }) => {
        this.audio.srcObject = new MediaStream([track]);
      });
    });
    session.on("confirmed", () => this.speaks(session, true));
    session.on("ended", () => this.speaks(session, false));
    session.on("failed", () => this.speaks(session, false));
    void this.microphone.open().then(
      (mediaStream) => session.answer({ mediaStream, pcConfig: { iceServers: [] } }),
      () => session.terminate({ status_code: 480 }),
    );
  }

  private speaks(session: Session, on: boolean): void {
    if (session !== this.session) return;
    this.talking = on;
    if (!on) this.session = null;
    this.changed();
  }

  private turn(state: PhoneState): void {
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }

  private ear = new Ear();
  private heard: RTCPeerConnection | null = null;

  private async tellQuality(): Promise<void> {
    const connection = this.session?.connection;
    if (!connection || !this.talking) return;
    if (connection !== this.heard) [this.heard, this.ear] = [connection, new Ear()];
    const quality = await this.ear.hear(connection);
    if (quality && this.inCall()) await post("/desk/phone/quality", quality);
  }
}
