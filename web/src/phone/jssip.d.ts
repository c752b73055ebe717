/** What we use of JsSIP. */
declare module "jssip" {
  interface Request {
    getHeader(name: string): string | undefined;
  }

  export interface Session {
    readonly connection: RTCPeerConnection | null;
    on(event: "icecandidate", hear: (event: { ready: () => void }) => void): void;
    on(event: "peerconnection", hear: (event: { peerconnection: RTCPeerConnection }) => void): void;
    on(event: "confirmed" | "ended" | "failed", hear: () => void): void;
    answer(options: { mediaStream: MediaStream; pcConfig: RTCConfiguration }): void;
    terminate(options?: { status_code: number; reason_phrase?: string }): void;
    isEnded(): boolean;
    isInProgress(): boolean;
  }

  export class WebSocketInterface {
    constructor(address: string);
  }

  export class UA {
    constructor(options: {
      sockets: WebSocketInterface[];
      uri: string;
      password: string;
      register_expires: number;
      session_timers: boolean;
      user_agent: string;
      connection_recovery_min_interval: number;
      connection_recovery_max_interval: number;
    });
    on(event: "registered" | "unregistered" | "disconnected" | "registrationFailed", hear: () => void): void;
    on(event: "newRTCSession", hear: (event: { originator: "local" | "remote"; request: Request; session: Session }) => void): void;
    set(name: "password", value: string): boolean;
    start(): void;
    stop(): void;
    register(): void;
  }
}
