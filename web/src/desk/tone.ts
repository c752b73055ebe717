/** A soft tone of 300 ms when a call pops. Never the only sign of it; silent until the page was touched. */
let context: AudioContext | null = null;

addEventListener("pointerdown", wake, { once: true });
addEventListener("keydown", wake, { once: true });

function wake(): void {
  context ??= new AudioContext();
}

export function tone(): void {
  if (context?.state !== "running") return;
  const now = context.currentTime;
  const gain = context.createGain();
  gain.connect(context.destination);
  gain.gain.setValueAtTime(0, now);
  gain.gain.linearRampToValueAtTime(0.06, now + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0005, now + 0.3);
  for (const [frequency, start] of [[660, 0], [880, 0.12]] as const) {
    const voice = context.createOscillator();
    voice.frequency.value = frequency;
    voice.connect(gain);
    voice.start(now + start);
    voice.stop(now + 0.3);
  }
}
