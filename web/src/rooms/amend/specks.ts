/** Specks that the machine found, each healed or left on a person's word. Pure but for the fetch. */
import type { Size } from "../../lib/stage/geometry";

export const DUST = "dust";

export interface Speck {
  readonly kind: string;
  /** 0..1 of the upright original. */
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
  /** That a retoucher would take it out, 0..1. */
  readonly likely: number;
  readonly onBackdrop: boolean;
  readonly healed: boolean;
}
/** "" while nobody said a word of it. */
export type SpeckWord = "" | "accepted" | "discarded";

interface Told {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly radius_px: number;
  readonly likely: number;
  readonly on_backdrop: boolean;
  readonly healed: boolean;
}

/** Read the list that the step left. */
export async function specksAt(src: string): Promise<Speck[]> {
  const answer = await fetch(src, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the list of specks can’t be read (${answer.status})`);
  const { specks } = (await answer.json()) as { specks: readonly Told[] };
  return specks.map((each) => ({ kind: each.kind, x: each.x, y: each.y, radiusPx: each.radius_px, likely: each.likely, onBackdrop: each.on_backdrop, healed: each.healed }));
}

type Params = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

/** Where a speck is in a flat list of places of `each` numbers; -1 where it is not. */
function placeIn(list: readonly number[], each: number, speck: Speck, size: Size): number {
  for (let at = 0; at + each <= list.length; at += each) {
    if (Math.hypot(((list[at] ?? 0) - speck.x) * size.width, ((list[at + 1] ?? 0) - speck.y) * size.height) <= Math.max(2, speck.radiusPx)) return at;
  }
  return -1;
}

/** What a person said of a speck, as the numbers of the step keep it. */
export function saidOf(speck: Speck, params: Params, size: Size | undefined): SpeckWord {
  if (!size) return "";
  if (placeIn(listOf(params.leave), 2, speck, size) >= 0) return "discarded";
  return placeIn(listOf(params.add), 3, speck, size) >= 0 ? "accepted" : "";
}

/** Return the numbers of the step that a word on a speck changes: also where the machine would do the same, for a word is kept. */
export function withWord(speck: Speck, params: Params, size: Size, word: SpeckWord): Record<string, number[]> {
  const changed: Record<string, number[]> = {};
  const put = (name: "add" | "leave", numbers: readonly number[], wanted: boolean): void => {
    const list = listOf(params[name]);
    const at = placeIn(list, numbers.length, speck, size);
    if (at >= 0 !== wanted) changed[name] = wanted ? [...list, ...numbers] : [...list.slice(0, at), ...list.slice(at + numbers.length)];
  };
  put("leave", [speck.x, speck.y], word === "discarded");
  put("add", [speck.x, speck.y, Number(Math.max(1, speck.radiusPx).toFixed(2))], word === "accepted");
  return changed;
}
