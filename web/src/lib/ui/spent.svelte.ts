/** How long this screen was in use on a file: what review and work cost is counted from it. */
import { tellLooked } from "../api/floor";

/** Whoever does nothing for so long has stopped, as the server counts it. */
const IDLE_MS = 120_000;
const LEAST_S = 1;
const DEEDS = ["pointermove", "pointerdown", "wheel", "keydown", "touchstart"] as const;

export type Room = "review" | "amend";

class Spent {
  #file = "";
  #ms = 0;
  #last = 0;

  constructor(readonly room: Room) {}

  /** Another file is on the screen; "" for none. */
  open(file: string): void {
    this.tell();
    this.#file = file;
    this.#last = performance.now();
  }

  /** Somebody did something: the time since the deed before it was use, of which two idle minutes count at most. */
  deed = (): void => {
    const now = performance.now();
    if (this.#last) this.#ms += Math.max(0, Math.min(now - this.#last, IDLE_MS));
    this.#last = now;
  };

  /** Say what has come together: before a word on the file, when it is left, and when the page is hidden or closed. */
  tell = (): void => {
    if (document.visibilityState === "visible") this.deed();
    const seconds = this.#ms / 1000;
    if (!this.#file || seconds < LEAST_S) return;
    this.#ms = 0;
    // What is lost on the way is no harm: a word speaks for two minutes where no screen told.
    void tellLooked(this.#file, seconds, this.room).catch(() => {});
  };

  /** Watch for deeds until the returned function is called, which tells the rest. */
  watch(): () => void {
    const seen = (): void => {
      if (document.visibilityState === "visible") this.#last = performance.now();
      else this.#hide();
    };
    for (const each of DEEDS) window.addEventListener(each, this.deed, { passive: true, capture: true });
    document.addEventListener("visibilitychange", seen);
    window.addEventListener("pagehide", this.#hide);
    return () => {
      for (const each of DEEDS) window.removeEventListener(each, this.deed, { capture: true });
      document.removeEventListener("visibilitychange", seen);
      window.removeEventListener("pagehide", this.#hide);
      this.tell();
      this.#file = "";
    };
  }

  #hide = (): void => {
    this.deed();
    this.#last = 0;
    this.tell();
  };
}

/** Count the time that a screen is in use on the file that `of` names, for as long as the component lives. */
export function timed(room: Room, of: () => string): { tell: () => void } {
  const spent = new Spent(room);
  $effect(() => spent.watch());
  $effect(() => spent.open(of()));
  return spent;
}
