/**
 * What a person must have looked at, as large as the server asks, before approving: places that a check doubts, the edge where the cutout
 * is unsure or a person's outline is at stake, and skin. Pure.
 */
import type { VersionDetail } from "../../lib/model";
import type { Box } from "../../lib/stage/geometry";
import { lookPercent } from "../../lib/stage/watch.svelte";

export interface Crop {
  readonly id: string;
  readonly box: Box;
  readonly word: string;
  readonly value: string;
  /** Approving asks that it was shown. */
  readonly must: boolean;
}

export function cropsOf(detail: VersionDetail): Crop[] {
  const found: Crop[] = detail.evidence.map((each) => ({
    id: each.id,
    box: each.box,
    word: each.text || `${each.check} ${each.measure}`.replaceAll("_", " "),
    value: each.text ? "" : `${Number(each.value.toFixed(2))}`,
    must: each.word !== "pass",
  }));
  const cut = detail.steps.find((each) => each.step === "cutout");
  const sure = cut && cut.confidence !== null ? `cutout ${Number(cut.confidence.toFixed(2))} sure` : "";
  const looks = detail.looks.map((each) => ({
    id: each.id,
    box: each.box,
    word: each.text.charAt(0).toUpperCase() + each.text.slice(1),
    value: each.id.startsWith("edge:") ? sure : `at ${lookPercent} %`,
    must: each.must,
  }));
  return [...found, ...looks];
}
