/**
 * What a person must have looked at, at 200 %, before approving: places that a check doubts, the edge where the cutout
 * is unsure or a person's outline is at stake, and skin. Pure.
 */
import type { VersionDetail } from "../../lib/model";
import type { Box } from "../../lib/stage/geometry";
import { toPainted, whereabouts } from "../../lib/stage/geometry";

export interface Crop {
  readonly id: string;
  readonly box: Box;
  readonly word: string;
  readonly value: string;
  /** Approving asks that it was shown at 200 %. */
  readonly must: boolean;
}

/** An edge is doubtful below this confidence of the cutout, as the lanes of the house guide are for spot checks. */
export const SURE_EDGE = 0.9;

export function cropsOf(detail: VersionDetail): Crop[] {
  const found: Crop[] = detail.evidence.map((each) => ({
    id: each.id,
    box: each.box,
    word: each.text || `${each.check} ${each.measure}`.replaceAll("_", " "),
    value: each.text ? "" : `${Number(each.value.toFixed(2))}`,
    must: each.word !== "pass",
  }));
  return [...found, ...edgeCrops(detail), ...skinCrops(detail)];
}

function edgeCrops(detail: VersionDetail): Crop[] {
  const cut = detail.steps.find((each) => each.step === "cutout");
  if (!cut || cut.confidence === null || cut.confidence >= SURE_EDGE) return [];
  const sure = Number(cut.confidence.toFixed(2));
  return detail.edges.flatMap((place, index) => {
    const box = painted(place, detail);
    // A place that the crop cut away is nobody's concern.
    if (box[2] - box[0] < 0.01 || box[3] - box[1] < 0.01) return [];
    return [{ id: `edge:${index}`, box, word: `Edge, ${whereabouts(box)}`, value: `cutout ${sure} sure`, must: true }];
  });
}

function painted(place: Box, detail: VersionDetail): Box {
  const [a, b] = [
    toPainted({ x: place[0], y: place[1] }, detail.size, detail.original, detail.geometry),
    toPainted({ x: place[2], y: place[3] }, detail.size, detail.original, detail.geometry),
  ];
  return [clamp(Math.min(a.x, b.x)), clamp(Math.min(a.y, b.y)), clamp(Math.max(a.x, b.x)), clamp(Math.max(a.y, b.y))];
}

function skinCrops(detail: VersionDetail): Crop[] {
  return detail.faces.map((face, index) => {
    const box = painted(face, detail);
    return { id: `skin:${index}`, box, word: `Skin, ${whereabouts(box)}`, value: "at 200 %", must: true };
  });
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
