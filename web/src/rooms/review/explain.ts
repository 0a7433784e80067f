/** What a step did, in words and numbers: the edit explained to a person (R185, R186). Pure. */
import type { StepDone } from "../../lib/model";
import { number, plain, sentence } from "../../lib/ui/words";

const KEY: Readonly<Record<string, readonly [string, string]>> = {
  exposure: ["stops", "EV"],
  white_balance: ["strength", ""],
  cutout: ["feather", "px"],
  crop_to_spec: ["aspect", ""],
  background: ["color", ""],
  sharpen_output: ["amount", ""],
  vignetting: ["amount", ""],
  grain: ["amount", ""],
  look: ["strength", ""],
};

/** The one value that says most about a step: `+1.45 EV`, `#ffffff`. */
export function headline(step: StepDone): string {
  const [name, unit] = KEY[step.step] ?? ["", ""];
  const value = step.params[name];
  if (typeof value === "number") {
    const signed = unit === "EV" && value > 0 ? "+" : "";
    return `${signed}${number(value)}${unit ? ` ${unit}` : ""}`;
  }
  if (typeof value === "string") return value;
  return step.confidence === null ? "" : number(step.confidence);
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
