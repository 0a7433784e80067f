/** Frames that belong together, and their measures side by side. Pure. */
import type { CullDetail, Fact } from "../../lib/api/floor";
import type { Frame } from "../../lib/model";

/** The frames of each group, in order; frames that have none are in none. */
export function groupsOf(all: readonly Frame[]): ReadonlyMap<string, readonly Frame[]> {
  const found = new Map<string, Frame[]>();
  for (const each of all) {
    if (!each.group) continue;
    const own = found.get(each.group);
    if (own) own.push(each);
    else found.set(each.group, [each]);
  }
  return found;
}

/** How many frames are of each class, as the server told. */
export function countsOf(all: readonly Frame[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const each of all) found.set(each.cull, (found.get(each.cull) ?? 0) + 1);
  return found;
}

/** A measure over the frames of a group: the best one is marked, if they differ. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly values: ReadonlyMap<string, number>;
  readonly best: string;
}

// Which way is better; what is in neither is only said.
const LESS: ReadonlySet<string> = new Set(["blur", "blur at the eye", "motion", "tilt", "noise", "clipped"]);
const MORE: ReadonlySet<string> = new Set(["least open eye", "sharpness", "smile"]);

export function rowsOf(group: readonly Frame[], detail: CullDetail): Row[] {
  const names = [...new Set([...detail.group.values()].flat().map((each: Fact) => each.name))];
  return names.map((name) => {
    const values = new Map<string, number>();
    let unit = "";
    for (const frame of group) {
      const fact = detail.group.get(frame.id)?.find((each) => each.name === name);
      if (fact) {
        values.set(frame.id, fact.value);
        unit = fact.unit;
      }
    }
    const sorted = [...values].sort((a, b) => a[1] - b[1]);
    const differs = sorted.length > 1 && sorted[0]?.[1] !== sorted.at(-1)?.[1];
    const best = !differs ? "" : LESS.has(name) ? (sorted[0]?.[0] ?? "") : MORE.has(name) ? (sorted.at(-1)?.[0] ?? "") : "";
    return { name, unit, values, best };
  });
}
