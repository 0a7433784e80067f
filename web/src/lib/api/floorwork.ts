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

// ---------------------------------------------------------------------------------------------- who works on it

export interface Hand {
  readonly account: string;
  readonly name: string;
  readonly skills: readonly string[];
  readonly junior: boolean;
  readonly held: number;
}
/** Who may be given work of a batch. */
export const handsOf = async (batch: string): Promise<readonly Hand[]> => (await get<Schemas["Hands"]>(at`/batches/${batch}/hands`)).items;

/** Give frames to somebody, or to nobody (""), as they were seen. */
export async function giveTo(frames: readonly Frame[], account: string): Promise<void> {
  const on = Object.fromEntries(frames.map((each) => [each.id, each.etag]));
  await ask("/assignments", { method: "POST", body: { on, account }, headers: once() });
}

// ---------------------------------------------------------------------------------------------- before work begins

/** A picture on a board: kept by its hash, or new and not sent yet. */
export interface Pinned {
  readonly key: string;
  readonly src: string;
  readonly caption: string;
  readonly fresh: Blob | null;
}
export interface Job {
  readonly about: string;
  readonly text: string;
  readonly by: string;
  readonly at: string;
  readonly etag: string;
  readonly board: readonly Pinned[];
}
/** The briefs of a batch, the whole batch's first, to be changed. */
export async function jobsOf(batch: string): Promise<Job[]> {
  const told = (await get<Schemas["Briefs"]>(at`/batches/${batch}/briefs`)).items;
  return told.map((each) => ({
    ...each,
    board: each.board.map((one) => ({ key: one.sha256, src: `${BASE}${at`/batches/${batch}/board/${one.sha256}`}`, caption: one.caption, fresh: null })),
  }));
}
async function base64(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}
export async function setJob(batch: string, about: string, text: string, board: readonly Pinned[], etag: string): Promise<string> {
  const pinned = await Promise.all(board.map(async (each) => (each.fresh ? { picture: await base64(each.fresh), caption: each.caption } : { sha256: each.key, caption: each.caption })));
  const done = await ask<Schemas["Said"]>(at`/batches/${batch}/briefs`, { method: "POST", body: { about, text, board: pinned }, headers: once(etag) });
  return done.data.said;
}
