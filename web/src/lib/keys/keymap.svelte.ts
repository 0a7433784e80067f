/** Which key fires what: the defaults, what a person changed, and the handlers of the room that is open. */
import { SvelteMap } from "svelte/reactivity";
import { kept, keep } from "../ui/kept";
import { ACTIONS, type Action, type Room } from "./actions";
import { behindAlt, chordOf, normalized, written } from "./chord";

const KEY = "safelight.keys";

interface Settings {
  changed: Record<string, string[]>;
  letters: boolean;
}

const settings = $state<Settings>(kept<Settings>(KEY, { changed: {}, letters: true }));
const handlers = new SvelteMap<string, (chord: string) => void>();
const paused = { by: 0 };

/** Return the chords of an action as they are now. */
export function chordsOf(action: Action): string[] {
  const own = (settings.changed[action.id] ?? action.keys).map(normalized);
  return settings.letters ? own : own.map(behindAlt);
}

/** Return the first key of an action as a key cap, or "". */
export function hint(id: string): string {
  const action = ACTIONS.find((each) => each.id === id);
  const chord = action && chordsOf(action)[0];
  return chord ? written(chord) : "";
}

export const isChanged = (id: string): boolean => id in settings.changed;
export const lettersOn = (): boolean => settings.letters;

export function setLetters(on: boolean): void {
  settings.letters = on;
  keep(KEY, settings);
}

/** Give an action another key; the action that had it in the same room is named and keeps its others. */
export function remap(id: string, chord: string): Action | undefined {
  const action = ACTIONS.find((each) => each.id === id);
  if (!action) return undefined;
  const rival = ACTIONS.find(
    (each) => each.id !== id && meets(each.room, action.room) && (settings.changed[each.id] ?? each.keys).map(normalized).includes(chord),
  );
  if (rival) {
    settings.changed[rival.id] = (settings.changed[rival.id] ?? [...rival.keys]).filter((each) => normalized(each) !== chord);
  }
  settings.changed[id] = [chord];
  keep(KEY, settings);
  return rival;
}

const meets = (one: Room, other: Room): boolean => one === other || one === "always" || other === "always";

export function resetKeys(): void {
  settings.changed = {};
  settings.letters = true;
  keep(KEY, settings);
}

/** Return the whole key map as JSON text, to carry to another machine. */
export function exportKeys(): string {
  const keys = Object.fromEntries(ACTIONS.map((each) => [each.id, settings.changed[each.id] ?? each.keys]));
  return JSON.stringify({ schema: 1, letters: settings.letters, keys }, null, 2);
}

/** Bind handlers while a component lives: `$effect(() => bind({ "review.approve": approve }))`. */
export function bind(given: Record<string, (chord: string) => void>): () => void {
  for (const [id, handler] of Object.entries(given)) handlers.set(id, handler);
  return () => {
    for (const [id, handler] of Object.entries(given)) if (handlers.get(id) === handler) handlers.delete(id);
  };
}

/** Hold all keys back while something else listens (a sheet, a key being recorded). */
export function pauseKeys(): () => void {
  paused.by += 1;
  return () => {
    paused.by -= 1;
  };
}

export const isBound = (id: string): boolean => handlers.has(id);

function typesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** Fire what a press is bound to; letters never fire in a text field, nor Enter on a control that has a use for it. */
export function press(event: KeyboardEvent): void {
  if (paused.by || event.defaultPrevented || event.isComposing) return;
  const chord = normalized(chordOf(event));
  const plain = !chord.includes("Ctrl+");
  if (typesText(event.target) && plain && chord !== "Escape") return;
  const control = event.target instanceof HTMLElement && event.target.closest("button, a, summary, [role=slider], [role=option], [role=tab]");
  if (control && (chord === "Enter" || chord === " ")) return;
  if (event.target instanceof HTMLElement && event.target.closest("[role=slider]") && /Arrow|Home|End/.test(chord)) return;
  const action = ACTIONS.find((each) => handlers.has(each.id) && chordsOf(each).includes(chord));
  if (!action) return;
  event.preventDefault();
  handlers.get(action.id)?.(chord);
}
