/** Every action that a key can fire: declared once, drawn by the key sheet, bound by the key map. */

export type Room = "always" | "board" | "cull" | "review" | "return" | "release" | "amend" | "look" | "numbers" | "learn" | "client" | "out";

export interface Action {
  readonly id: string;
  readonly room: Room;
  readonly group: string;
  readonly word: string;
  readonly keys: readonly string[];
}

const of = (room: Room, group: string, rows: readonly (readonly [string, string, ...string[]])[]): Action[] =>
  rows.map(([name, word, ...keys]) => ({ id: `${room}.${name}`, room, group, word, keys }));

/** Lightroom's keys where Lightroom has one; stronger no, more modifier. */
export const ACTIONS: readonly Action[] = [
  ...of("always", "Always", [
    ["keys", "All keys", "?"],
    ["board", "Board", "Alt+b"],
    ["theme", "Light or dark", "Alt+l"],
  ]),
  ...of("board", "Work", [
    ["start", "Start next", "s"],
    ["open", "Open", "Enter"],
    ["claim", "Claim or release", "c"],
    ["exceptions", "Exceptions", "e"],
  ]),
  ...of("board", "Move", [
    ["next", "Next product", "j", "ArrowDown"],
    ["previous", "Previous product", "k", "ArrowUp"],
    ["lane-next", "Next lane", "ArrowRight"],
    ["lane-previous", "Previous lane", "ArrowLeft"],
  ]),
  ...of("cull", "Decide", [
    ["pick", "Pick", "p"],
    ["reject", "Reject", "x"],
    ["alternate", "No flag, keep as alternate", "u"],
    ["pick-rest", "Keep this, reject the rest", "Shift+P"],
    ["best", "Go to the best of the group", "b"],
    ["undo", "Undo", "Ctrl+z"],
    ["redo", "Redo", "Ctrl+Shift+z"],
  ]),
  ...of("cull", "Move", [
    ["next", "Next frame", "ArrowRight", "j"],
    ["previous", "Previous frame", "ArrowLeft", "k"],
    ["down", "Next group; next row in the grid", "ArrowDown"],
    ["up", "Previous group; previous row in the grid", "ArrowUp"],
    ["waiting", "Next that waits for you", "s"],
    ["first", "First frame", "Home"],
    ["last", "Last frame", "End"],
    ["advance", "Auto-advance on or off", "CapsLock"],
  ]),
  ...of("cull", "View", [
    ["grid", "Grid", "g"],
    ["loupe", "Loupe", "e"],
    ["open", "Open in the loupe", "Enter"],
    ["compare", "Compare", "c"],
    ["survey", "Survey", "n"],
    ["zoom", "Fit, 100 % at the pointer", "z"],
    ["hundred", "100 %", "Alt+1"],
    ["two-hundred", "200 %", "Alt+2"],
    ["fit", "Fit", "Alt+0"],
    ["clip", "Clipping", "i"],
    ["surround", "Surround: gray, white, 18 %, black", "l"],
  ]),
  ...of("review", "Decide", [
    ["approve", "Approve", "a"],
    ["return", "Return with reasons", "r"],
    ["reject", "Reject", "Alt+r"],
    ["reshoot", "Reshoot", "Shift+R"],
    ["swap", "Swap in an alternate", "w"],
    ["note", "Note at the pointer", "m"],
    ["amend", "Amend", "d"],
    ["hand", "Take out, bring back", "e"],
    ["undo", "Take your last word back", "Ctrl+z"],
    ["redo", "Say it again", "Ctrl+Shift+z"],
  ]),
  ...of("review", "Move", [
    ["next", "Next view of the product", "ArrowRight"],
    ["previous", "Previous view of the product", "ArrowLeft"],
    ["box-next", "Next box at 200 %", "."],
    ["box-previous", "Previous box at 200 %", ","],
    ["skip", "Next product, decide later", "n"],
  ]),
  ...of("review", "Compare", [
    ["toggle", "Before, after", "\\"],
    ["side", "Side by side", "y"],
    ["wipe", "Wipe", "Shift+Y"],
    ["difference", "Difference", "Shift+D"],
    ["hero", "Reference and hero", "h"],
    ["phone", "As a phone shows it", "k"],
  ]),
  ...of("review", "Look closer", [
    ["zoom", "Fit, 100 % at the pointer", "z"],
    ["hundred", "100 %", "Alt+1"],
    ["two-hundred", "200 %", "Alt+2"],
    ["fit", "Fit", "Alt+0"],
    ["boxes", "Boxes", "b"],
    ["heat", "Heat map", "Shift+B"],
    ["mask", "Mask", "o"],
    ["path", "Path", "Shift+O"],
    ["clip", "Clipping", "j"],
    ["white", "Not pure white", "Shift+J"],
    ["surround", "Surround: gray, white, 18 %, black", "l"],
  ]),
  ...of("return", "Return with reasons", [
    ["send", "Send back", "Ctrl+Enter"],
    ["cancel", "Back to the picture", "Escape"],
  ]),
  ...of("release", "Release", [
    ["look", "Next place to look at", ".", " "],
    ["next", "Next file of the sample", "ArrowRight"],
    ["previous", "Previous file of the sample", "ArrowLeft"],
    ["back", "Send this one back", "r"],
    ["toggle", "Before, after", "\\"],
    ["zoom", "Fit, 100 % at the pointer", "z"],
    ["fit", "Fit", "Alt+0"],
    ["leave", "Release the batch", "Ctrl+Enter"],
  ]),
  ...of("amend", "Amend", [
    ["save", "Save", "Ctrl+s"],
    ["before", "Before, after", "\\"],
    ["zoom", "Fit, 100 % at the pointer", "z"],
    ["hundred", "100 %", "Alt+1"],
    ["fit", "Fit", "Alt+0"],
    ["copy", "Copy to the set", "Ctrl+Shift+V"],
    ["leave", "Back to the review", "Escape"],
  ]),
  ...of("amend", "Suggestions", [
    ["accept", "Accept the suggestion", "a"],
    ["discard", "Discard the suggestion", "x"],
    ["next-suggestion", "Next suggestion", "."],
    ["previous-suggestion", "Previous suggestion", ","],
  ]),
  ...of("amend", "Mask by hand", [
    ["brush", "Brush", "b"],
    ["erase", "Eraser", "e"],
    ["scribble", "Scribble", "s"],
    ["click", "Click", "w"],
    ["box", "Box", "m"],
    ["path", "Path", "p"],
    ["heal", "Heal a spot", "j"],
    ["turn", "Add or take away", "t"],
    ["smaller", "Smaller brush", "["],
    ["larger", "Larger brush", "]"],
    ["undo", "Last stroke back", "Ctrl+z"],
    ["mask", "Tint of the mask", "o"],
    ["close-path", "Close the path", "Enter"],
    ["drop-path", "Drop the path", "Backspace"],
    ["move", "Lay the tool down", "v"],
  ]),
  ...of("numbers", "Numbers", [
    ["accept", "Accept the proposal", "a"],
    ["refuse", "Refuse with a reason", "r"],
    ["table", "As tables", "t"],
  ]),
  ...of("learn", "Spot the flaw", [
    ["left", "The left one is flawed", "ArrowLeft"],
    ["right", "The right one is flawed", "ArrowRight"],
    ["next", "Next pair", "ArrowDown", "j"],
    ["previous", "Pair before", "ArrowUp", "k"],
  ]),
  ...of("out", "What is out", [
    ["next", "Next file", "j", "ArrowDown"],
    ["previous", "Previous file", "k", "ArrowUp"],
  ]),
  ...of("client", "Decide", [
    ["approve", "Approve", "a"],
    ["change", "Ask for a change", "r"],
    ["toggle", "Before, after", "\\"],
    ["zoom", "Fit, 100 % at the pointer", "z"],
    ["next", "Next picture", "ArrowRight"],
    ["previous", "Previous picture", "ArrowLeft"],
  ]),
];
