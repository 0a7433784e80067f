/** The floor as the screens think of it: frames, products, versions. Made from the API's data in `api/floor.ts`. */
import type { Box, Matrix, Size } from "./stage/geometry";
import type { Pyramid } from "./stage/tiles";

export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly doubt: boolean;
}

export interface Measured {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly limit: number | null;
  readonly direction: string;
  readonly word: string;
  readonly why: string;
}

export interface Evidence {
  readonly id: string;
  readonly check: string;
  readonly measure: string;
  readonly box: Box;
  readonly value: number;
  readonly text: string;
  readonly heat: string;
  readonly word: string;
}

export interface Verdict {
  readonly check: string;
  readonly word: string;
  readonly measures: readonly Measured[];
  readonly override: { readonly by: string; readonly reason: string } | null;
}

export interface Taken {
  readonly decided: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface Claim {
  readonly id: string;
  readonly by: string;
  readonly mine: boolean;
  readonly until: string;
}

/** One file of a batch, as lists show it. */
export interface Frame {
  readonly id: string;
  readonly batch: string;
  readonly path: string;
  readonly sku: string;
  readonly view: string;
  readonly category: string;
  readonly stakes: string;
  readonly cull: string;
  readonly group: string;
  readonly lane: string;
  readonly route: string;
  readonly queue: string;
  readonly standing: string;
  readonly confidence: number | null;
  readonly calibrated: boolean;
  readonly since: string;
  readonly etag: string;
  readonly version: string;
  readonly asset: string;
  readonly size: Size;
  readonly takenAt: string;
  readonly camera: string;
  readonly reasons: readonly Reason[];
  readonly cullReasons: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly decisions: readonly Taken[];
  readonly past: readonly Taken[];
  readonly refused: string;
  readonly claim: Claim | null;
  /** Whose work it is; null for nobody's. */
  readonly assigned: { readonly account: string; readonly name: string; readonly mine: boolean } | null;
  readonly needed: number;
}

/** A SKU in a shoot with its views: the unit of review. A frame without a SKU stands for itself. */
export interface Product {
  readonly key: string;
  readonly batch: string;
  readonly sku: string;
  readonly frames: readonly Frame[];
}

export interface StepDone {
  readonly step: string;
  readonly version: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the machine proposed, before a person changed it. */
  readonly proposed: Readonly<Record<string, unknown>>;
  readonly by: readonly string[];
  readonly confidence: number | null;
  readonly reasons: readonly Reason[];
  readonly amended: boolean;
  readonly stale: boolean;
}

/** A place that the service asks to be seen before an approval. */
export interface Look {
  readonly id: string;
  readonly box: Box;
  readonly text: string;
  readonly must: boolean;
}
/** A version in full: pixels, edit, evidence. */
export interface VersionDetail {
  readonly id: string;
  readonly file: string;
  readonly etag: string;
  readonly size: Size;
  readonly original: Size;
  readonly geometry: Matrix;
  readonly after: Pyramid;
  readonly before: Pyramid | null;
  /** The version as one picture, for where tiles are too much. */
  readonly afterImage: string;
  readonly steps: readonly StepDone[];
  readonly verdicts: readonly Verdict[];
  readonly evidence: readonly Evidence[];
  readonly matte: string;
  /** The list of specks that were found; "" where none were looked for. */
  readonly specks: string;
  readonly state: string;
  readonly by: string;
  readonly at: string;
  readonly differences: readonly string[];
  readonly notes: readonly PlacedNote[];
  readonly reasons: readonly Reason[];
  readonly camera: string;
  /** Unsure edges and skin, 0..1 of the version: nobody approves it without having seen them at 200 %. */
  readonly looks: readonly Look[];
}

export interface PlacedNote {
  readonly id: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly by: string;
  readonly shape: string;
  readonly at: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Person {
  readonly name: string;
  readonly login: string;
  readonly role: string;
  readonly may: ReadonlySet<string>;
}

const RANK: Readonly<Record<string, number>> = { high: 0, standard: 1, low: 2 };
const rank = (frame: Frame): number => RANK[frame.stakes] ?? 1;

/** Group frames into products in the order they come in. */
export function productsOf(frames: readonly Frame[]): Product[] {
  const found = new Map<string, Frame[]>();
  for (const each of frames) {
    const key = `${each.batch}\n${each.sku ? `sku ${each.sku}` : each.path}`;
    const known = found.get(key);
    if (known) known.push(each);
    else found.set(key, [each]);
  }
  return [...found].map(([key, own]) => ({ key, batch: own[0]?.batch ?? "", sku: own[0]?.sku ?? "", frames: own }));
}

export const waits = (frame: Frame): boolean => frame.standing === "waiting";
export const isHeld = (frame: Frame): boolean => frame.route === "hold";

/** The frame that a product is shown by: the one that waits with the least confidence. */
export function leading(product: Product): Frame {
  const open = product.frames.filter(waits);
  const from = open.length ? open : product.frames;
  return [...from].sort((a, b) => (a.confidence ?? 1) - (b.confidence ?? 1))[0] as Frame;
}

/** Order by urgency: stakes, then age. */
export function byUrgency(products: readonly Product[]): Product[] {
  const key = (product: Product): readonly [number, string] => {
    const open = product.frames.filter(waits);
    const from = open.length ? open : product.frames;
    return [Math.min(...from.map(rank)), from.map((each) => each.since).sort()[0] ?? ""];
  };
  return [...products].sort((a, b) => {
    const [ka, kb] = [key(a), key(b)];
    return ka[0] - kb[0] || ka[1].localeCompare(kb[1]);
  });
}

/** The worst sentence about a frame: what a person should know before looking. */
export function firstDoubt(frame: Frame): string {
  if (frame.refused) return frame.refused;
  const failed = frame.verdicts.find((each) => each.word === "fail");
  const doubt = frame.reasons.find((each) => each.doubt) ?? frame.reasons[0];
  if (failed) {
    const worst = failed.measures.find((each) => each.word === "fail");
    if (worst?.value !== null && worst?.value !== undefined) return `${failed.check} ${worst.name} ${Number(worst.value.toFixed(2))} ${worst.unit}, limit ${worst.limit ?? "none"}`.replaceAll("_", " ");
    return `${failed.check} fails`.replaceAll("_", " ");
  }
  return (doubt?.doubt ? doubt.text : "") || (frame.route === "spot_check" ? "sampled: nothing is doubted" : doubt?.text) || (frame.cullReasons[0] ?? "");
}
