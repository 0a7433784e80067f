/** Numbers, times and states as people read them. Pure. */
import type { IconName } from "./icons";

/** A number with at most `digits` after the point, a true minus sign, and thin thousands. */
export function number(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits, useGrouping: Math.abs(value) >= 1000 });
  return text.replace("-", "−");
}

/** A measure with its unit: `1.9 px`, `71 %`. */
export const measure = (value: number | null | undefined, unit = "", digits = 2): string =>
  `${number(value, value !== null && value !== undefined && Math.abs(value) >= 100 ? 0 : digits)}${unit ? ` ${unit}` : ""}`;

/** A span of time in two units at most: `40 min`, `9 h 40`, `1 d 6 h`. */
export function span(seconds: number): string {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const since = (iso: string, now = Date.now()): string => (iso ? span((now - Date.parse(iso)) / 1000) : "");

export function clock(at: number | string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}

export const dayAndTime = (iso: string): string => {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
};

/** An ISO date as people read it: `2 May`, with its year where it is another than this one. */
export function day(iso: string, now = new Date()): string {
  const date = new Date(`${iso}T12:00:00`);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }) });
}

/** How much a file holds: `840 kB`, `212 MB`. */
export const bytes = (count: number): string => (count < 1e6 ? `${Math.max(1, Math.round(count / 1e3))} kB` : `${number(count / 1e6, count < 1e7 ? 1 : 0)} MB`);

/** A name of the code as a word for people: `background_white` is `background white`. */
export const plain = (name: string): string => name.replaceAll("_", " ");

export const sentence = (name: string): string => {
  const word = plain(name);
  return word.charAt(0).toUpperCase() + word.slice(1);
};

export const plural = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;

/** Two letters of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((each) => [...(each ?? "")][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** The last part of a path, with control and direction marks shown as blanks: a name is data, never layout. */
export const fileName = (path: string): string => visible(path.split("/").at(-1) ?? path);

export const visible = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "␣");

export interface StateMark {
  readonly icon: IconName;
  readonly tone: "pass" | "near" | "fail" | "none" | "";
  readonly word: string;
}

const VERDICTS: Readonly<Record<string, StateMark>> = {
  pass: { icon: "pass", tone: "pass", word: "pass" },
  warn: { icon: "near", tone: "near", word: "near the limit" },
  fail: { icon: "fail", tone: "fail", word: "over the limit" },
};
export const verdictMark = (word: string): StateMark => VERDICTS[word] ?? { icon: "unseen", tone: "none", word: "not measured" };

const CLASSES: Readonly<Record<string, StateMark>> = {
  pick: { icon: "pick", tone: "pass", word: "Pick" },
  alternate: { icon: "alternate", tone: "", word: "Alternate" },
  reject: { icon: "reject", tone: "fail", word: "Reject" },
  cant_tell: { icon: "cant_tell", tone: "near", word: "Can’t tell" },
  unreadable: { icon: "unreadable", tone: "none", word: "Not a picture" },
};
export const classMark = (word: string): StateMark => CLASSES[word] ?? { icon: "unseen", tone: "none", word: "To see" };

const EYES: Readonly<Record<string, StateMark>> = {
  open: { icon: "pass", tone: "pass", word: "open" },
  closed: { icon: "fail", tone: "fail", word: "shut" },
  one_closed: { icon: "fail", tone: "fail", word: "one shut" },
  narrowed: { icon: "near", tone: "near", word: "narrowed" },
  looking_down: { icon: "near", tone: "near", word: "looks down" },
  laughing: { icon: "pass", tone: "", word: "laughs" },
};
/** What could be told of the eyes of a face. */
export const eyesMark = (word: string): StateMark => EYES[word] ?? { icon: "cant_tell", tone: "none", word: "can’t tell" };

/** A confidence as it is shown: two digits. */
export const confidence = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : value.toFixed(2);
