/** The hand's tools on a matte: what each does, how it is drawn, and its key. Keys are Photoshop's. */
import type { Stroke } from "../../lib/api/floor";
import { piecesOf, type Touch } from "../../lib/stage/pressure";
import type { IconName } from "../../lib/ui/icons";

export type Tool = "heal" | "brush" | "erase" | "scribble" | "click" | "box" | "path";

export interface ToolWord {
  readonly tool: Tool;
  readonly word: string;
  readonly icon: IconName;
  /** What it leaves in the list of strokes. */
  readonly kind: Stroke["tool"] | "heal";
  /** Drawn as a line, or set as points. */
  readonly draws: "ink" | "pin" | "box";
  readonly broad: boolean;
  readonly told: string;
}

export const TOOLS: readonly ToolWord[] = [
  { tool: "brush", word: "Brush", icon: "brush", kind: "brush", draws: "ink", broad: true, told: "paints the subject in, or away" },
  { tool: "erase", word: "Eraser", icon: "erase", kind: "brush", draws: "ink", broad: true, told: "paints the subject away" },
  { tool: "scribble", word: "Scribble", icon: "scribble", kind: "scribble", draws: "ink", broad: true, told: "a rough line grows to the picture’s own edges" },
  { tool: "click", word: "Click", icon: "click", kind: "click", draws: "pin", broad: false, told: "one click takes the thing under it" },
  { tool: "box", word: "Box", icon: "boxes", kind: "box", draws: "box", broad: false, told: "drag a box around one thing" },
  { tool: "path", word: "Path", icon: "path", kind: "path", draws: "pin", broad: false, told: "click along an edge: the path clings to it; Enter closes" },
  { tool: "heal", word: "Heal", icon: "heal", kind: "heal", draws: "pin", broad: true, told: "one click heals a spot from beside it; click a spot again to take it away" },
];

/** What a hand holds now. */
export interface Held {
  readonly tool: Tool | "";
  readonly adds: boolean;
  /** Share of the original's width. */
  readonly radius: number;
  readonly hardness: number;
  readonly flow: number;
}

export const EMPTY_HAND: Held = { tool: "", adds: true, radius: 0.02, hardness: 0.6, flow: 1 };
export const SIZES = { least: 0.001, most: 0.2 } as const;

export const wordOf = (tool: Tool | ""): ToolWord | undefined => TOOLS.find((each) => each.tool === tool);

type Place = { readonly x: number; readonly y: number };

/** Strokes that one line of a pen became: they are one to the hand. */
const lineOf = new WeakMap<Stroke, object>();

/** Make strokes of what was drawn, one for each breadth that a pen had; none where it is too little. */
export function strokesOf(held: Held, touches: readonly Touch[]): Stroke[] {
  const told = wordOf(held.tool);
  if (!told?.broad || told.kind === "heal" || !touches.some((each) => each.pressure !== undefined)) return [strokeOf(held, touches)].filter((each) => each !== null);
  const line = {};
  return piecesOf(touches)
    .map((each) => strokeOf({ ...held, radius: Math.max(SIZES.least, held.radius * each.share) }, each.points))
    .filter((each) => each !== null)
    .map((each) => {
      lineOf.set(each, line);
      return each;
    });
}

/** Return the strokes without the last line that was drawn, in one piece or many. */
export function withoutLast(strokes: readonly Stroke[]): readonly Stroke[] {
  const line = strokes.length ? lineOf.get(strokes[strokes.length - 1] as Stroke) : undefined;
  let end = strokes.length - 1;
  while (line && end > 0 && lineOf.get(strokes[end - 1] as Stroke) === line) end -= 1;
  return strokes.slice(0, Math.max(0, end));
}

/** How many lines a hand drew. */
export const linesIn = (strokes: readonly Stroke[]): number => strokes.filter((each, index) => !index || !lineOf.has(each) || lineOf.get(each) !== lineOf.get(strokes[index - 1] as Stroke)).length;

/** Make a stroke of what was drawn; null where it is too little. */
export function strokeOf(held: Held, points: readonly Place[]): Stroke | null {
  const told = wordOf(held.tool);
  if (!told || !points.length || told.kind === "heal") return null;
  const pairs = points.map((each) => [clamp(each.x), clamp(each.y)] as const);
  const [first, last] = [pairs[0], pairs.at(-1)];
  if (!first || !last) return null;
  if (told.kind === "path" && pairs.length < 3) return null;
  if (told.kind === "box" && (Math.abs(first[0] - last[0]) < 0.005 || Math.abs(first[1] - last[1]) < 0.005)) return null;
  const own = told.kind === "box" ? [first, last] : told.kind === "click" ? [first] : pairs;
  return { tool: told.kind, points: own, adds: held.tool !== "erase" && held.adds, radius: held.radius, hardness: held.hardness, flow: held.flow };
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** A stroke that takes the whole frame for the subject: the picture is left whole. */
export const LEFT_WHOLE: Stroke = { tool: "path", points: [[0, 0], [1, 0], [1, 1], [0, 1]], adds: true, radius: 0.01, hardness: 1, flow: 1 };

/** Spots to heal, as the step declares them: x, y (0..1) and radius in px, again and again. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
}
export const spotsOf = (numbers: unknown): Spot[] => {
  const list = Array.isArray(numbers) ? numbers.map(Number) : [];
  return Array.from({ length: Math.floor(list.length / 3) }, (_, at) => ({ x: list[3 * at] ?? 0, y: list[3 * at + 1] ?? 0, radiusPx: list[3 * at + 2] ?? 1 }));
};
export const numbersOf = (spots: readonly Spot[]): number[] => spots.flatMap((each) => [round(each.x, 5), round(each.y, 5), round(each.radiusPx, 2)]);
const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Return the spots with one more at a place, or without the one that lies there. */
export function withSpot(spots: readonly Spot[], place: { readonly x: number; readonly y: number }, radiusPx: number, size: { readonly width: number; readonly height: number }): Spot[] {
  const hit = spots.findIndex((each) => Math.hypot((each.x - place.x) * size.width, (each.y - place.y) * size.height) <= each.radiusPx);
  return hit >= 0 ? spots.filter((_, at) => at !== hit) : [...spots, { ...place, radiusPx }];
}
