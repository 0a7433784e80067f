/** A key press as one word: modifiers in the order Ctrl, Alt, Shift, then the key. Pure. */

export interface Press {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * Return the chord of a press. Command counts as Ctrl. With Alt or Ctrl the physical letter counts, since layouts type
 * other characters then; a shifted letter is named with Shift, a shifted sign by the sign alone.
 */
export function chordOf(press: Press): string {
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  const digit = /^Digit([0-9])$/.exec(press.code)?.[1];
  const modified = press.altKey || press.ctrlKey || press.metaKey;
  const typed = press.key.length === 1 ? press.key : "";
  let key = press.key;
  if (modified && letter) key = letter;
  else if (modified && digit) key = digit;
  const isLetter = /^[a-z]$/i.test(key);
  const named = key.length > 1;
  const parts = [];
  if (press.ctrlKey || press.metaKey) parts.push("Ctrl");
  if (press.altKey) parts.push("Alt");
  if (press.shiftKey && (isLetter || named || !typed)) parts.push("Shift");
  return [...parts, isLetter ? (press.shiftKey ? key.toUpperCase() : key.toLowerCase()) : key].join("+");
}

/** Return the same chord however it was written: `Shift+p`, `shift+P`. */
export function normalized(chord: string): string {
  if (chord === "+") return chord;
  const parts = chord.split("+");
  let key = parts.pop() ?? "";
  const modifiers = new Set(parts.map((each) => each.toLowerCase()));
  const isLetter = /^[a-z]$/i.test(key);
  if (isLetter) key = modifiers.has("shift") ? key.toUpperCase() : key.toLowerCase();
  const order = [
    ["ctrl", "Ctrl"],
    ["alt", "Alt"],
    ["shift", "Shift"],
  ] as const;
  return [...order.filter(([low]) => modifiers.has(low)).map(([, word]) => word), key].join("+");
}

/** With single-letter keys off, every chord that types a character stands behind Alt; one on Alt already takes Ctrl too. */
export function behindAlt(chord: string): string {
  const parts = chord === "+" ? ["+"] : chord.split("+");
  const key = parts.at(-1) ?? "";
  if (key.length > 1 || parts.includes("Ctrl")) return chord;
  if (parts.includes("Alt")) return normalized(`Ctrl+${chord}`);
  return normalized(`Alt+${chord}`);
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Enter: "↵",
  Escape: "Esc",
  CapsLock: "⇪",
  " ": "Space",
};

/** Write a chord as key caps do: `⇧P`, `⌥R`, `⌃↵`. */
export function written(chord: string): string {
  const parts = chord === "+" ? ["+"] : chord.split("+");
  const key = parts.pop() ?? "";
  const modifiers = parts.map((each) => ({ Ctrl: "⌃", Alt: "⌥", Shift: "⇧" })[each] ?? "").join("");
  return modifiers + (SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}
