/** What the numbers are reckoned with, over HTTP: the studio's rates and its own baseline, and who set them. */
import { ask, get } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export const TASKS = ["culling", "tagging", "retouch", "logging", "rough_cut"] as const;

export interface RatesSet {
  readonly by: string;
  readonly at: string;
  /** What was set, in words. */
  readonly said: string;
}
export interface Rates {
  readonly reviewH: number;
  readonly laborH: number;
  readonly currency: string;
  readonly baseline: Readonly<Record<string, number>>;
  readonly etag: string;
  /** The newest first. */
  readonly history: readonly RatesSet[];
}
const ratesOf = (told: Schemas["RatesNow"]): Rates => ({ reviewH: told.review_h, laborH: told.labor_h, currency: told.currency, baseline: told.baseline_min, etag: told.etag, history: told.history });

export const ratesNow = async (): Promise<Rates> => ratesOf(await get<Schemas["RatesNow"]>("/rates"));

/** Set what is given and leave the rest, as it was seen. */
export async function setRates(given: { reviewH?: number; laborH?: number; currency?: string; baseline: Readonly<Record<string, number>> }, etag: string): Promise<Rates> {
  const body = { currency: given.currency ?? "", baseline_min: given.baseline, ...(given.reviewH === undefined ? {} : { review_h: given.reviewH }), ...(given.laborH === undefined ? {} : { labor_h: given.laborH }) };
  return ratesOf((await ask<Schemas["RatesNow"]>("/rates", { method: "POST", body, headers: { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() } })).data);
}
