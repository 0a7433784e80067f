/** What a step did, in words and numbers: the edit explained to a person (R185, R186). Pure. */
import type { StepDone } from "../../lib/model";
import { number, plain, sentence } from "../../lib/ui/words";

const KEY: Readonly<Record<string, readonly (readonly [name: string, unit: string, label?: string])[]>> = {
  exposure: [["stops", "EV"]],
  white_balance: [["red", "", "R"], ["blue", "", "B"]],
  cutout: [["edge_shift", "px"], ["feather", "px"]],
  crop_to_spec: [["aspect", ""]],
  background: [["color", ""]],
  shadow: [["kind", ""]],
  sharpen_output: [["amount", ""]],
  vignetting: [["amount", ""]],
  grain: [["amount", ""]],
  look: [["strength", ""]],
  denoise: [["strength", ""]],
};
// What moves both ways carries its sign; what stands still is not worth a word.
const SIGNED: ReadonlySet<string> = new Set(["stops", "red", "blue", "edge_shift"]);

/** The values that say most about a step: `+1.45 EV`, `R +0.10 B −0.20`, `#ffffff`; nothing where nothing moved. */
export function headline(step: StepDone): string {
  const words = (KEY[step.step] ?? []).map(([name, unit, label]) => {
    const value = step.params[name];
    if (typeof value === "string") return value;
    if (typeof value !== "number" || (value === 0 && (SIGNED.has(name) || unit))) return "";
    const sign = SIGNED.has(name) && value > 0 ? "+" : "";
    return `${label ? `${label} ` : ""}${sign}${number(value)}${unit ? ` ${unit}` : ""}`;
  });
  return words.filter(Boolean).join(" ");
}

/** Why: the doubt first, else the first reason. */
export const because = (step: StepDone): string => (step.reasons.find((each) => each.doubt) ?? step.reasons[0])?.text ?? "";

export const stepName = (step: StepDone): string => sentence(step.step);

/** How automatic a step is, for whoever wants to know (R147). */
export function automatic(step: StepDone): string {
  const [kind = "step", name = ""] = step.by;
  if (step.amended || kind === "person") return "set by a person";
  return `proposed by ${plain(name)}, version ${step.version}; amend it with its form`;
}
