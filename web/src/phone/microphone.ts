/** The microphone and the loudspeaker of this desk: which ones, how loud it is, and one stream for every call. */

const MIC = "paceline:mic";
const SPEAKER = "paceline:speaker";
/** Of full scale; room noise stays below. */
export const HEARD = 0.02;

export interface Device {
  id: string;
  label: string;
}

export class Microphone {
  private stream: MediaStream | null = null;
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private samples = new Float32Array(512);

  get mic(): string {
    return localStorage.getItem(MIC) ?? "";
  }

  get speaker(): string {
    return localStorage.getItem(SPEAKER) ?? "";
  }

  get live(): boolean {
    return !!this.stream?.getAudioTracks().some(({ readyState }) => readyState === "live");
  }

  /** Whether it may be opened without asking the person. */
  async allowed(): Promise<boolean> {
    const asked = await navigator.permissions.query({ name: "microphone" as PermissionName }).catch(() => null);
    return asked?.state === "granted";
  }

  /** The one stream, opened if need be. Throws what the browser says. */
  async open(): Promise<MediaStream> {
    if (this.stream && this.live) return this.stream;
    const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const chosen = this.mic ? { ...wanted, deviceId: { ideal: this.mic } } : wanted;
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: chosen });
    return this.stream;
  }

  async choose(mic: string): Promise<MediaStream> {
    localStorage.setItem(MIC, mic);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.quiet();
    return this.open();
  }

  chooseSpeaker(speaker: string): void {
    localStorage.setItem(SPEAKER, speaker);
  }

  async devices(kind: "audioinput" | "audiooutput"): Promise<Device[]> {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((each) => each.kind === kind && each.deviceId).map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  /** How loud it is now, 0 to 1: the root mean square of the last instant. */
  async level(): Promise<number> {
    if (!this.analyser) {
      const stream = await this.open();
      this.context = new AudioContext();
      this.analyser = this.context.createAnalyser();
      this.analyser.fftSize = this.samples.length;
      this.context.createMediaStreamSource(stream).connect(this.analyser);
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    return Math.sqrt(this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length);
  }

  /** Measures no more. */
  quiet(): void {
    void this.context?.close();
    this.context = this.analyser = null;
  }

  mute(on: boolean): void {
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !on;
  }
}
