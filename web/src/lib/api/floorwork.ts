/** Work on the floor over HTTP: one's own last word taken back, a client's return, and what the set shoots again. */
import { ask, at, BASE, get } from "./client";
import type { components } from "./schema";
import type { Frame } from "../model";

type Schemas = components["schemas"];
const once = (etag = ""): Record<string, string> => ({ "Idempotency-Key": crypto.randomUUID(), ...(etag ? { "If-Match": etag } : {}) });

// ---------------------------------------------------------------------------------------------- one's own last word

export interface Deed {
  readonly seq: number;
  readonly what: string;
  readonly at: string;
  readonly file: string;
}
const [DECIDED, REPLACED] = ["decision.made", "file.superseded"];

/** What one said in one go and last of a batch, decisions and places that were given; with `undone`, what was taken back last. */
export async function lastWord(batch: string, undone = false): Promise<Deed[]> {
  const items = (await get<Schemas["Actions"]>(`${at`/batches/${batch}/actions`}?limit=100&undone=${undone}`)).items;
  // A place that was given back already is no last word.
  const again = new Set<string>();
  const told = items.filter((each) => {
    if (each.kind === REPLACED && each.what === "stands again") again.add(each.file);
    return each.kind === DECIDED || (each.kind === REPLACED && each.what !== "stands again" && !again.delete(each.file));
  });
  const [last] = told;
  return last ? told.filter((each) => each.at === last.at && each.what === last.what) : [];
}
/** Take decisions back, or say again what was taken back; returns where the last of them stands: its file and article. */
export async function turn(deeds: readonly Deed[], how: "undo" | "redo"): Promise<{ readonly id: string; readonly sku: string } | null> {
  let line: Schemas["FileLine"] | null = null;
  for (const each of deeds) line = (await ask<Schemas["FileLine"]>(at`/actions/${String(each.seq)}/${how}`, { method: "POST", headers: once() })).data;
  return line && { id: line.id, sku: line.sku };
}

// ---------------------------------------------------------------------------------------------- after delivery

/** What a client says of a delivered picture: it is open again, a revision, and an escape where nobody had looked. */
export async function returnDelivered(frame: Frame, reason: string, codes: readonly string[]): Promise<string> {
  const done = await ask<Schemas["Said"]>(at`/assets/${frame.id}/returns`, { method: "POST", body: { reason, marks: codes }, headers: once(frame.etag) });
  return done.data.said;
}

// ---------------------------------------------------------------------------------------------- the set's list

export interface Asked {
  readonly batch: string;
  readonly id: string;
  readonly etag: string;
  readonly file: string;
  /** Article, colorway and view; the file's name where it has none. */
  readonly what: string;
  readonly category: string;
  readonly reason: string;
  readonly by: string;
  readonly since: string;
  readonly captures: readonly { readonly id: string; readonly file: string }[];
}
/** What the set is to shoot again in these batches, the oldest first. */
export async function askedOfTheSet(batches: readonly string[]): Promise<Asked[]> {
  const lists = await Promise.all(batches.map(async (batch) => (await get<Schemas["Reshoots"]>(at`/batches/${batch}/reshoots`)).items.map((each) => ({ batch, ...each, what: [each.sku, each.color, each.view].filter(Boolean).join(" ") || each.file }))));
  return lists.flat().sort((a, b) => a.since.localeCompare(b.since));
}
export async function takePlace(of: Asked, capture: string, reason: string): Promise<string> {
  const done = await ask<Schemas["Said"]>(at`/assets/${of.id}/superseded`, { method: "POST", body: { by: capture, reason }, headers: once(of.etag) });
  return done.data.said;
}
export const previewOf = (id: string): string => `${BASE}${at`/assets/${id}/preview`}?size=320`;
