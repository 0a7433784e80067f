/** What happens on the floor, as it happens: server-sent events, folded into one number that screens watch. */
import { BASE, get } from "./client";
import { outbox } from "../outbox/outbox.svelte";

export interface JobLine {
  readonly id: string;
  readonly what: string;
  readonly batch: string;
  readonly state: string;
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly said: string;
}

/** What a change is about; "" where it is about all, or does not say. */
export interface News {
  readonly kind: string;
  readonly batch: string;
  readonly path: string;
}

class Live {
  /** Grows with every change that queues or lists could show. */
  version = $state(0);
  /** What `version` grew for at last. */
  news: readonly News[] = [];
  jobs = $state.raw<ReadonlyMap<string, JobLine>>(new Map());
}

export const live = new Live();

/** Facts that move a queue or a list; `resync` says that some were missed. */
const KINDS = [
  "resync",
  "batch.opened",
  "file.refused",
  "file.sorted",
  "file.overruled",
  "file.superseded",
  "version.made",
  "version.routed",
  "version.approved",
  "verdict.overridden",
  "decision.made",
  "decision.undone",
  "edit.amended",
  "claim.taken",
  "claim.ended",
  "work.assigned",
  "batch.released",
  "file.delivered",
  "retouch.sent",
  "retouch.returned",
] as const;

let timer = 0;
let heard: News[] = [];
function changed(about: News = { kind: "resync", batch: "", path: "" }): void {
  heard.push(about);
  // A run tells of many files at once: screens read anew twice a second at most.
  if (timer) return;
  timer = window.setTimeout(() => {
    timer = 0;
    live.news = heard;
    heard = [];
    live.version += 1;
  }, 500);
}

/** Listen until the returned function is called; the browser connects anew by itself. */
export function listen(): () => void {
  const source = new EventSource(`${BASE}/events`);
  let wasAway = false;
  source.onopen = () => {
    if (wasAway) changed();
    wasAway = false;
    outbox.heard();
  };
  source.onerror = () => {
    wasAway = true;
    outbox.lost();
  };
  for (const kind of KINDS) source.addEventListener(kind, (event) => changed(newsOf(kind, event as MessageEvent<string>)));
  source.addEventListener("signed-out", () => void get("/me").catch(() => {}));
  source.addEventListener("progress", (event) => {
    const job = JSON.parse((event as MessageEvent<string>).data) as JobLine;
    live.jobs = new Map([...live.jobs, [job.id, job]]);
    if (job.state === "done" || job.state === "failed") changed();
  });
  return () => source.close();
}

function newsOf(kind: string, event: MessageEvent<string>): News {
  const told = JSON.parse(event.data) as Partial<News>;
  return { kind, batch: told.batch ?? "", path: told.path ?? "" };
}
