/** Scales and ticks of plots. Pure. */

export interface Row {
  readonly name: string;
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly count?: number;
  readonly bad?: boolean;
  readonly note?: string;
}

/** Return round ticks that cover lo..hi: 1, 2 or 5 times a power of ten apart. */
export function ticks(lo: number, hi: number, wanted = 5): number[] {
  const span = hi - lo || 1;
  const raw = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw) ?? power * 10;
  const first = Math.floor(lo / step) * step;
  const count = Math.ceil((hi - first) / step - 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Number((first + index * step).toPrecision(12)));
}

export function rangeOf(rows: readonly Row[], also: readonly number[] = []): readonly [number, number] {
  const all = [...rows.flatMap((each) => [each.value, each.low, each.high]), ...also].filter((each): each is number => typeof each === "number" && Number.isFinite(each));
  if (!all.length) return [0, 1];
  return [Math.min(...all), Math.max(...all)];
}
