/** What the machine proposes for a picture, as single suggestions that a person accepts or discards. Pure. */
import type { Declared } from "../../lib/api/floor";
import type { StepDone } from "../../lib/model";
import { number, plain, sentence } from "../../lib/ui/words";

export interface Suggestion {
  readonly step: string;
  readonly word: string;
  /** What it does, in numbers. */
  readonly told: string;
  readonly confidence: number | null;
  readonly doubt: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** What the step becomes without it. */
  readonly without: Readonly<Record<string, unknown>>;
}

/** Where a step's default is no "nothing": what leaves the picture as it is. */
const NOTHING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { sharpen_output: { amount: 0 } };
const QUIET: ReadonlySet<string> = new Set(["background"]);
export const MASK = "cutout";

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const short = (value: unknown): string => (typeof value === "number" ? number(value) : Array.isArray(value) ? value.map((each) => number(Number(each), 2)).join(", ") : String(value));

/** A setting in words: `radius 0.5 px`. A name that ends in its unit does not say it twice. */
function told(param: Declared | undefined, name: string, value: unknown): string {
  const unit = param?.unit ?? "";
  const bare = unit && name.endsWith(`_${unit}`) ? name.slice(0, -unit.length - 1) : name;
  return `${plain(bare)} ${short(value)}${unit ? ` ${unit}` : ""}`;
}

/** One suggestion a step that does something; the least sure first. What a person set already is no suggestion. */
export function suggestionsOf(steps: readonly StepDone[], declared: ReadonlyMap<string, readonly Declared[]>): Suggestion[] {
  return steps
    .filter((each) => !each.amended && !QUIET.has(each.step))
    .flatMap((each): Suggestion[] => {
      const params = declared.get(each.step) ?? [];
      const nothing = { ...Object.fromEntries(params.map((param) => [param.name, param.default])), ...NOTHING[each.step] };
      const moved = Object.entries(each.params).filter(([name, value]) => name in nothing && !same(value, nothing[name]));
      if (!moved.length && each.step !== MASK) return [];
      const doubt = each.reasons.find((one) => one.doubt)?.text ?? "";
      const words = each.step === MASK ? "the subject, on its own" : moved.slice(0, 2).map(([name, value]) => told(params.find((param) => param.name === name), name, value)).join(", ");
      return [{ step: each.step, word: sentence(each.step), told: words, confidence: each.confidence, doubt, values: each.step === MASK ? each.params : Object.fromEntries(moved), without: Object.fromEntries(moved.map(([name]) => [name, nothing[name]])) }];
    })
    .sort((a, b) => (a.confidence ?? 1) - (b.confidence ?? 1));
}
