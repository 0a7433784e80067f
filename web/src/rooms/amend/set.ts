/**
 * Copying settings to a set: what changes on each file, and which stand apart. Correction and view travel as the
 * difference a person made, added to each picture's own baseline; a grade travels as it is (as `core.recipe`). Pure.
 */
import type { Frame, StepDone, VersionDetail } from "../../lib/model";

type Params = Readonly<Record<string, unknown>>;

/** By step and parameter: from what it was to what it became. */
export type Moves = ReadonlyMap<string, ReadonlyMap<string, { readonly from: unknown; readonly to: unknown }>>;

export interface Member {
  readonly frame: Frame;
  readonly detail: VersionDetail | undefined;
  /** What would be recorded, by step. */
  readonly values: ReadonlyMap<string, Params>;
  readonly changes: readonly string[];
  readonly apart: string;
}

/** Steps that a set shares; crop, cutout and spots belong to one picture. */
export const SHARED: ReadonlySet<string> = new Set(["exposure", "white_balance", "look", "grade", "grain", "background", "develop", "sharpen_output", "vignetting"]);
export const GIVEN: ReadonlySet<string> = new Set(["grade", "grain"]);
const BASELINE: ReadonlySet<string> = new Set(["exposure", "white_balance", "develop"]);

// A file whose own correction stands this far from the hero's was lit or metered another way: a person looks first.
const APART: Readonly<Record<string, number>> = { "exposure stops": 0.7, "white_balance red": 0.12, "white_balance blue": 0.12 };

export function movesOf(steps: readonly StepDone[], changed: Readonly<Record<string, Params>>): Moves {
  return new Map(
    Object.entries(changed)
      .filter(([name]) => SHARED.has(name))
      .map(([name, values]) => {
        const own = steps.find((each) => each.step === name)?.params ?? {};
        return [name, new Map(Object.entries(values).map(([param, to]) => [param, { from: own[param], to }]))];
      }),
  );
}

export function memberOf(frame: Frame, detail: VersionDetail | undefined, moves: Moves, hero: readonly StepDone[]): Member {
  const changes: string[] = [];
  const values = new Map<string, Params>();
  let apart = "";
  for (const [name, params] of moves) {
    // A grade is given to whoever has none yet.
    const own = detail?.steps.find((each) => each.step === name) ?? (detail && GIVEN.has(name) ? { params: {} as Params } : undefined);
    if (!own) continue;
    const taken: Record<string, unknown> = {};
    for (const [param, { from, to }] of params) {
      const before = own.params[param];
      const after = BASELINE.has(name) && typeof before === "number" && typeof from === "number" && typeof to === "number" ? Number((before + to - from).toFixed(4)) : to;
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      taken[param] = after;
      changes.push(`${param.replaceAll("_", " ")} ${told(before)} to ${told(after)}`);
      const limit = APART[`${name} ${param}`];
      const heros = hero.find((each) => each.step === name)?.params[param];
      if (limit !== undefined && typeof before === "number" && typeof heros === "number" && Math.abs(before - heros) > limit) apart ||= `its ${param.replaceAll("_", " ")} is ${told(before)}, the hero’s ${told(heros)}`;
    }
    if (Object.keys(taken).length) values.set(name, taken);
  }
  return { frame, detail, values, changes, apart };
}

const told = (value: unknown): string => (value === undefined ? "none" : Array.isArray(value) ? (value.length > 4 ? `${value.length} numbers` : value.map(told).join(" ")) : typeof value === "number" ? String(Number(value.toFixed(2))) : String(value));
