/**
 * What a person decided and the server has not acknowledged yet. Kept in the browser before it is sent, sent in order
 * and once (Idempotency-Key), through reloads and a server that is away; what is refused keeps its words.
 */
import { ask, Away, Refused, type Problem } from "../api/client";
import { keep, kept } from "../ui/kept";

const KEY = "safelight.outbox";
const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

export interface Parcel {
  /** The Idempotency-Key: the same through every try. */
  readonly id: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** What it is in a person's words: "approve BAG-06". */
  readonly word: string;
  /** What it is about, so that a screen can show it as decided. */
  readonly about: readonly string[];
  problem?: Problem;
}

export type Standing = "saved" | "sending" | "away" | "refused";

class Outbox {
  parcels = $state<Parcel[]>(kept<Parcel[]>(KEY, []));
  awaySince = $state(0);
  savedAt = $state(0);
  private tries = 0;
  private timer = 0;
  private busy = false;
  private waiting = new Map<string, (ended: Parcel | null) => void>();

  constructor() {
    if (typeof window === "undefined") return;
    window.addEventListener("online", () => this.flush());
    window.addEventListener("beforeunload", (event) => {
      if (this.unkept) event.preventDefault();
    });
    if (this.pending.length) queueMicrotask(() => this.flush());
  }

  private unkept = false;

  get pending(): Parcel[] {
    return this.parcels.filter((each) => !each.problem);
  }

  get refused(): Parcel[] {
    return this.parcels.filter((each) => each.problem);
  }

  get standing(): Standing {
    if (this.awaySince && this.pending.length) return "away";
    if (this.refused.length) return "refused";
    return this.pending.length ? "sending" : this.awaySince ? "away" : "saved";
  }

  /** Put a decision in; it is on the screen and in the browser at once. Resolves null once acknowledged, or to what was refused. */
  post(path: string, body: unknown, word: string, about: readonly string[], options: { method?: string; headers?: Record<string, string> } = {}): Promise<Parcel | null> {
    const parcel: Parcel = {
      id: crypto.randomUUID(),
      at: Date.now(),
      method: options.method ?? "POST",
      path,
      body,
      headers: options.headers ?? {},
      word,
      about,
    };
    this.parcels.push(parcel);
    this.store();
    const ended = new Promise<Parcel | null>((resolve) => this.waiting.set(parcel.id, resolve));
    // The mark is painted first; the network comes after it.
    setTimeout(() => void this.flush(), 0);
    return ended;
  }

  /** Forget what was refused, once a person has read it. */
  dismiss(id: string): void {
    this.parcels = this.parcels.filter((each) => each.id !== id);
    this.store();
  }

  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    window.clearTimeout(this.timer);
    try {
      for (let next = this.pending[0]; next; next = this.pending[0]) await this.send(next);
      this.tries = 0;
    } catch (error) {
      if (error instanceof Away) this.retry();
      else if (!(error instanceof Refused)) throw error;
    } finally {
      this.busy = false;
    }
  }

  /** The server answered something: whoever waited may go on. */
  heard(): void {
    this.awaySince = 0;
    if (this.pending.length) void this.flush();
  }

  lost(): void {
    this.awaySince ||= Date.now();
  }

  private async send(parcel: Parcel): Promise<void> {
    const { method, path, body, headers } = parcel;
    try {
      await ask(path, { method, body, headers: { ...headers, "Idempotency-Key": parcel.id } });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Signed out, or too fast: it waits, nothing is lost.
      if (error.status === 401) throw error;
      if (error.status === 429) throw new Away("asked to wait");
      this.end(parcel, error.problem);
      return;
    }
    this.end(parcel);
  }

  private end(parcel: Parcel, problem?: Problem): void {
    this.awaySince = 0;
    this.savedAt = Date.now();
    if (problem) this.parcels = this.parcels.map((each) => (each.id === parcel.id ? { ...each, problem } : each));
    else this.parcels = this.parcels.filter((each) => each.id !== parcel.id);
    this.store();
    this.waiting.get(parcel.id)?.(problem ? { ...parcel, problem } : null);
    this.waiting.delete(parcel.id);
  }

  private retry(): void {
    this.awaySince ||= Date.now();
    const wait = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)] ?? 8000;
    this.tries += 1;
    this.timer = window.setTimeout(() => void this.flush(), wait);
  }

  private store(): void {
    this.unkept = !keep(KEY, this.parcels) && this.pending.length > 0;
  }
}

export const outbox = new Outbox();
