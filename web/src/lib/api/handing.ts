/** Out to a hand and back over HTTP: what is out, a version as a layered file, and the file that came back. */
import type { Frame } from "../model";
import { ask, at, get, upload, type Upload } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** A file that went out and did not come back. */
export interface OutLine {
  readonly id: string;
  readonly batch: string;
  readonly path: string;
  readonly ticket: string;
  /** The name it went out under. */
  readonly file: string;
  readonly version: string;
  /** "" for a retoucher of the house. */
  readonly vendor: string;
  readonly due: string;
  readonly late: boolean;
  readonly brief: string;
  readonly by: string;
  readonly at: string;
  /** Where it is fetched; "" where no copy of it was kept. */
  readonly url: string;
}

/** What is out of these batches, the oldest first; a batch that cannot be told of hides none of the others. */
export async function outOf(batches: readonly string[]): Promise<OutLine[]> {
  const lists = await Promise.all(
    batches.map(async (batch) => {
      const told = await get<Schemas["AllOut"]>(at`/batches/${batch}/out`).catch(() => ({ items: [] }));
      return told.items.map((each): OutLine => ({ ...each, batch }));
    }),
  );
  return lists.flat().sort((a, b) => a.at.localeCompare(b.at));
}

export type Format = "psd" | "tiff";
export type Space = "srgb" | "adobe_rgb" | "display_p3" | "prophoto_rgb";

/** How a version is written, and a vendor's terms; without a vendor it goes to a retoucher of the house. */
export interface Wanted {
  readonly format: Format;
  readonly bits: 8 | 16;
  readonly space: Space;
  readonly vendor: string;
  readonly due: string;
  readonly brief: string;
}

export interface Written {
  readonly file: string;
  readonly url: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly layers: readonly string[];
}

/** Write a version as it was seen for a hand; the answer says where the file is fetched. */
export async function checkOut(frame: Frame, wanted: Wanted): Promise<Written> {
  const headers = { "If-Match": frame.etag, "Idempotency-Key": crypto.randomUUID() };
  return (await ask<Schemas["CheckedOut"]>(at`/assets/${frame.id}/checkouts`, { method: "POST", body: wanted, headers })).data;
}

export type Standing = "taken" | "asked" | "unchanged" | "known" | "refused";

/** What became of a file that came back. */
export interface Returned {
  readonly standing: Standing;
  readonly said: string;
  readonly reasons: readonly string[];
  /** Share of the frame that is other, 0..1; null where it was not held against what went out. */
  readonly share: number | null;
  readonly places: number;
}

/** Send a file that came back; the same `key` is carried out once, so that a line that was cut may be tried again. */
export async function checkIn(frame: Frame, file: File, given: { reason: string; confirm: boolean; key: string }, how: Omit<Upload, "headers">): Promise<Returned> {
  const query = new URLSearchParams({ name: file.name, reason: given.reason, confirm: String(given.confirm) });
  const headers = { "If-Match": frame.etag, "Idempotency-Key": given.key };
  const told = await upload<Schemas["CheckedIn"]>(`${at`/assets/${frame.id}/checkins`}?${query}`, file, { ...how, headers });
  const changed = told.changed as { share?: number; places?: readonly unknown[] } | undefined;
  return { standing: told.standing as Standing, said: told.said, reasons: told.reasons ?? [], share: changed?.share ?? null, places: changed?.places?.length ?? 0 };
}
