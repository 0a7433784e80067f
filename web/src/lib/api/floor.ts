/** The floor over HTTP: what each screen asks, in the screens' own nouns. The only file that knows the API's shapes. */
import { ask, at, BASE, blob, get, Refused, setCsrf } from "./client";
import type { components } from "./schema";
import type { Claim, Evidence, Frame, Person, PlacedNote, Reason, StepDone, Taken, Verdict, VersionDetail } from "../model";
import { outbox, type Parcel } from "../outbox/outbox.svelte";
import { IDENTITY, type Box } from "../stage/geometry";
import { setLooks } from "../stage/watch.svelte";
import type { Light, ColorChain } from "../stage/paint";
import type { Pyramid } from "../stage/tiles";

type Schemas = components["schemas"];
type FileLine = Schemas["FileLine"];
type FileWhole = Schemas["FileWhole"];

// ---------------------------------------------------------------------------------------------- who

let me = { account: "", name: "" };
/** Seconds that a claim holds unless it is renewed; the server says. */
export let leaseS = 1200;

export async function sessionNow(): Promise<Person> {
  const told = await get<Schemas["Me"]>("/me");
  setCsrf(told.csrf);
  me = { account: told.account, name: told.name };
  leaseS = told.lease_s;
  setLooks(told.look_percent, told.look_share);
  const roles = Object.entries(told.roles);
  const role = told.roles["*"] ?? roles[0]?.[1] ?? "";
  return { name: told.name, login: told.login, role, may: new Set((Object.values(told.verbs) as string[][]).flat()) };
}

export async function signIn(login: string, password: string): Promise<void> {
  setCsrf((await ask<Schemas["Me"]>("/session", { method: "POST", body: { login, password } })).data.csrf);
}
export async function redeem(token: string, password: string, login: string, name: string): Promise<void> {
  setCsrf((await ask<Schemas["Me"]>("/session/link", { method: "POST", body: { token, password, login, name } })).data.csrf);
}
export async function signOut(): Promise<void> {
  await ask("/session", { method: "DELETE" });
}

// ---------------------------------------------------------------------------------------------- lists

export interface BatchLine {
  readonly name: string;
  readonly files: number;
  readonly openedAt: string;
  readonly guide: string;
}

export async function batchesNow(): Promise<BatchLine[]> {
  const page = await get<Schemas["Batches"]>("/batches?limit=100");
  return page.items.map((each: Schemas["Batch"]) => ({ name: each.name, files: each.files, openedAt: each.opened_at, guide: each.guide }));
}

/** Follow the pages of a list; `told` hears of what has come so far. */
async function pages(path: string, told: (frames: Frame[]) => void = () => {}, most = 50_000, limit = 1000): Promise<Frame[]> {
  const found: Frame[] = [];
  let after = "";
  do {
    const mark = path.includes("?") ? "&" : "?";
    const page: Schemas["Page"] = await get(`${path}${mark}limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ""}`);
    for (const line of page.items) found.push(frameOf(line));
    told([...found]);
    after = page.next;
  } while (after && found.length < most);
  return found;
}

/** Everything that waits for somebody: each queue's first 500, the most urgent first. */
export async function openFrames(): Promise<Frame[]> {
  const board = await get<Schemas["Board"]>("/queues");
  const each = await Promise.all(board.lanes.map((lane: Schemas["Lane"]) => pages(at`/queues/${lane.queue}`, undefined, 500, 500)));
  return each.flat();
}

/** What a lane promises for a frame: business hours left, below 0 once it is over, and who should take it. */
export interface Promised {
  readonly leftH: number;
  readonly due: string;
  readonly overdue: boolean;
  readonly suggested: string;
  readonly because: string;
}
/** What the lanes promise in these batches, by frame. */
export async function promisesOf(batches: readonly string[]): Promise<ReadonlyMap<string, Promised>> {
  const lists = await Promise.all(batches.map((each) => get<Schemas["WaitingList"]>(at`/batches/${each}/queue`)));
  const found = new Map<string, Promised>();
  for (const item of lists.flatMap((each) => each.items)) {
    const told = { leftH: item.left_h, due: item.due, overdue: item.overdue, suggested: item.suggested, because: item.because };
    for (const file of item.files) found.set(file, told);
  }
  return found;
}

/** What of a product needs somebody: odd views, or a capture that the set is to shoot again. */
export interface Exceptional {
  readonly batch: string;
  readonly product: string;
  readonly isReshoot: boolean;
  readonly file: string;
  readonly told: string;
}
export async function exceptionsOf(batches: readonly string[]): Promise<Exceptional[]> {
  // A batch that cannot be told of hides none of the others.
  const lists = await Promise.all(batches.map(async (batch) => ({ batch, told: await get<Schemas["Exceptions"]>(at`/batches/${batch}/exceptions`).catch(() => ({ items: [] })) })));
  return lists.flatMap(({ batch, told }) => told.items.map((each) => ({ batch, product: each.product, isReshoot: each.kind === "reshoot", file: each.files[0] ?? "", told: each.told })));
}

/** The name of a product in an address: its SKU, or the file that stands for itself. */
export const productKey = (frame: Frame): string => frame.sku || `~${frame.id}`;

export async function productFrames(batch: string, key: string): Promise<Frame[]> {
  if (key.startsWith("~")) return [frameOf(await get<FileWhole>(at`/assets/${key.slice(1)}`))];
  const found = await pages(at`/batches/${batch}/assets` + `?sku=${encodeURIComponent(key)}`);
  return found.filter((each) => !["reject", "alternate"].includes(each.cull));
}
export async function allFrames(batch: string, told: (frames: Frame[]) => void): Promise<void> {
  await pages(at`/batches/${batch}/assets`, told);
}
export const oneFrame = async (id: string): Promise<Frame> => frameOf(await get<FileWhole>(at`/assets/${id}`));

/** What culling kept aside of the same article and view, to be swapped in. */
export async function alternatesOf(frame: Frame): Promise<Frame[]> {
  if (!frame.sku) return [];
  const found = await pages(at`/batches/${frame.batch}/assets` + `?sku=${encodeURIComponent(frame.sku)}`);
  return found.filter((each) => each.id !== frame.id && each.view === frame.view && ["alternate", "cant_tell"].includes(each.cull));
}

function claimOf(claim: FileLine["claim"]): Claim | null {
  return claim && { id: claim.id, by: claim.name, mine: claim.account === me.account, until: claim.until };
}
const takenOf = (each: Schemas["DecisionMade"]): Taken => ({ decided: each.decided, by: each.by, reason: each.reason, at: each.at });

function frameOf(line: FileLine): Frame {
  const verdicts: Verdict[] = Object.entries(line.verdicts as Record<string, string>).map(([check, word]) => ({ check, word, measures: [], override: line.overrides.find((each: Schemas["OverrideMade"]) => each.check === check) ?? null }));
  return {
    id: line.id,
    batch: line.batch,
    path: line.file,
    sku: line.sku,
    view: line.view,
    category: line.category,
    stakes: line.stakes,
    cull: line.class,
    group: line.group,
    lane: line.category,
    route: line.route,
    queue: line.queue,
    standing: line.standing,
    confidence: line.confidence,
    calibrated: line.calibrated,
    since: line.since,
    etag: line.etag,
    version: line.version,
    asset: line.asset,
    size: { width: line.width, height: line.height },
    takenAt: line.taken_at,
    camera: "",
    reasons: line.reasons.map((text: string): Reason => ({ code: "", text, doubt: isDoubt(text) })),
    cullReasons: line.class_reasons,
    verdicts,
    decisions: line.decisions.map(takenOf),
    past: [],
    refused: line.standing === "refused" ? (line.reasons[0] ?? "it could not be read") : "",
    claim: claimOf(line.claim),
    assigned: line.assigned && { account: line.assigned.account, name: line.assigned.name, mine: line.assigned.account === me.account },
    needed: line.approvers_needed,
  };
}

/** Lists carry reasons as sentences only; these beginnings are of the rules that always apply, so they are no doubt. */
const ALWAYS = [/^lane \S+ allows /, /sampled, because /, / is zone \d/, /is set to (calibrate|adopt|resist)/, /is not yet calibrated/, /^no auto among files like this one/, /of files like this one are looked at/];
const isDoubt = (text: string): boolean => !ALWAYS.some((each) => each.test(text));

// ---------------------------------------------------------------------------------------------- pictures

// Sizes that the store keeps painted already; others are painted when they are asked for.
const THUMB = 320;
export const thumb = (frame: Frame): string => (frame.version ? `${BASE}${at`/versions/${frame.version}/render`}?size=${THUMB}` : originalThumb(frame));
export const originalThumb = (frame: Frame): string => `${BASE}${at`/assets/${frame.id}/preview`}?size=${THUMB}`;

function pyramidOf(tiles: Schemas["Tiles"]): Pyramid {
  const fill = (level: number, x: number, y: number): string => tiles.url.replace("{level}", String(level)).replace("{x}", String(x)).replace("{y}", String(y));
  return { width: tiles.width, height: tiles.height, tile: tiles.tile_size, first: tiles.min_level, last: tiles.max_level, url: fill };
}

const originals = new Map<string, Promise<Pyramid>>();
/** The tiles of an original; painted the first time, then at hand. */
export function originalPyramid(frame: Frame): Promise<Pyramid> {
  const known = originals.get(frame.asset);
  if (known) return known;
  const coming = get<Schemas["Tiles"]>(at`/assets/${frame.id}/tiles`).then(pyramidOf);
  originals.set(frame.asset, coming);
  coming.catch(() => originals.delete(frame.asset));
  return coming;
}

/** The picture as a phone's shop shows it: at `side` px, compressed anew by this browser (4:2:0 below 90). */
export async function mobilePreview(detail: VersionDetail, side: number, quality: number): Promise<Blob> {
  const answer = await fetch(`${BASE}${at`/versions/${detail.id}/render`}?size=${side}`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the picture could not be painted (${answer.status})`);
  const bitmap = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: quality / 100 });
}

// ---------------------------------------------------------------------------------------------- one version

export async function versionDetail(frame: Frame): Promise<VersionDetail> {
  const [whole, after, before, notes] = await Promise.all([
    get<FileWhole>(at`/assets/${frame.id}`),
    get<Schemas["Tiles"]>(at`/versions/${frame.version}/tiles`),
    get<Schemas["Tiles"]>(at`/versions/${frame.version}/before/tiles`).catch((error: unknown) => {
      if (error instanceof Refused) return null; // shown without a before rather than not at all
      throw error;
    }),
    get<Schemas["Notes"]>(at`/assets/${frame.id}/notes`),
  ]);
  const part = (sha256: string): string => (sha256 ? `${BASE}${at`/assets/${frame.id}/parts/${sha256}`}` : "");
  const line: Schemas["VersionLine"] | undefined = whole.versions.findLast((each: Schemas["VersionLine"]) => each.version === frame.version);
  const cut = whole.edit.find((each: Schemas["StepLine"]) => each.step === "cutout");
  const matte = part(cut?.artifacts.matte?.sha256 ?? "");
  return {
    id: frame.version,
    file: frame.id,
    etag: whole.etag,
    size: { width: after.width, height: after.height },
    original: { width: whole.width, height: whole.height },
    geometry: whole.geometry ?? IDENTITY,
    after: pyramidOf(after),
    before: before && pyramidOf(before),
    afterImage: `${BASE}${at`/versions/${frame.version}/render`}?size=1600`,
    steps: whole.edit.map(stepOf),
    verdicts: whole.checks.map((each: Schemas["VerdictLine"]): Verdict => ({ check: each.check, word: each.word, measures: each.measures, override: each.override })),
    evidence: whole.checks.flatMap((check: Schemas["VerdictLine"]) =>
      check.evidence.map(
        (each: Schemas["EvidenceLine"], index: number): Evidence => ({
          id: `${check.check}:${each.measure}:${index}`,
          check: check.check,
          measure: each.measure,
          box: each.box as unknown as Box,
          value: each.value,
          text: each.text,
          heat: part(each.heat),
          word: check.measures.find((one: Schemas["MeasureLine"]) => one.name === each.measure)?.word ?? check.word,
        }),
      ),
    ),
    matte,
    specks: part(whole.edit.find((each: Schemas["StepLine"]) => each.step === "dust")?.artifacts.specks?.sha256 ?? ""),
    state: line?.state ?? "draft",
    by: line?.made_by === "person" ? "By hand" : whole.amended.length ? "Painted, with amendments" : "Painted",
    at: line?.at ?? "",
    differences: line && !line.first ? line.differences : [],
    notes: notes.items.filter((each: Schemas["Note"]) => !each.done).map(noteOf),
    reasons: whole.why,
    camera: [whole.capture.make, whole.capture.model].filter(Boolean).join(" "),
    looks: whole.looks.filter((each: Schemas["LookLine"]) => /^(edge|skin):/.test(each.id)),
  };
}

const noteOf = (each: Schemas["Note"]): PlacedNote => ({ id: each.id, text: each.text, x: each.points[0]?.[0] ?? 0.5, y: each.points[0]?.[1] ?? 0.5, by: each.by, at: each.at, shape: each.shape, points: each.points.map(([x, y]: [number, number]) => ({ x, y })) });

const stepOf = (each: Schemas["StepLine"]): StepDone => ({
  step: each.step,
  version: each.version,
  params: each.params,
  proposed: each.proposed,
  by: each.amended ? ["person", each.by] : ["step", each.by],
  confidence: each.confidence,
  reasons: each.reasons,
  amended: each.amended,
  stale: each.stale,
});

export interface Reference {
  readonly src: string;
  readonly word: string;
  readonly approved: boolean;
}
/** What stands beside a picture: what is approved of its product, then its other views. */
export function referencesOf(frame: Frame, frames: readonly Frame[]): Reference[] {
  const others = frames.filter((each) => each.id !== frame.id && each.version);
  const done = (each: Frame): boolean => each.standing === "approved" || each.standing === "delivered";
  return [...others.filter(done), ...others.filter((each) => !done(each))].slice(0, 2).map((each) => ({ src: thumb(each), word: `${each.view || "view"}${done(each) ? ", approved" : ""}`, approved: done(each) }));
}

export interface Brief {
  readonly about: string;
  readonly text: string;
  readonly by: string;
  readonly at: string;
  readonly board: readonly { readonly src: string; readonly caption: string }[];
}
/** What was said of a frame's job before work began, from the widest to the narrowest, with its reference boards. */
export async function briefsOf(frame: Frame): Promise<Brief[]> {
  const told = (await get<Schemas["Briefs"]>(`${at`/batches/${frame.batch}/briefs`}?file=${encodeURIComponent(frame.id)}`)).items;
  return told.map((each) => ({
    ...each,
    board: each.board.map((one) => ({ src: `${BASE}${at`/batches/${frame.batch}/board/${one.sha256}`}`, caption: one.caption })),
  }));
}

// ---------------------------------------------------------------------------------------------- culling

export interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}
export interface FaceSeen {
  readonly box: Box;
  readonly eyes: string;
  readonly blurPx: number | null;
}
export interface CullDetail {
  readonly id: string;
  readonly facts: readonly Fact[];
  readonly texts: readonly string[];
  readonly faces: readonly FaceSeen[];
  readonly group: ReadonlyMap<string, readonly Fact[]>;
  readonly groupFaces: ReadonlyMap<string, readonly FaceSeen[]>;
}

const wholes = new Map<string, Promise<FileWhole>>();
function wholeOf(frame: Frame): Promise<FileWhole> {
  const key = `${frame.id} ${frame.etag}`;
  const known = wholes.get(key);
  if (known) return known;
  const coming = get<FileWhole>(at`/assets/${frame.id}`);
  wholes.set(key, coming);
  coming.catch(() => wholes.delete(key));
  for (const oldest of wholes.keys()) {
    if (wholes.size <= 200) break;
    wholes.delete(oldest);
  }
  return coming;
}

const factsOf = (whole: FileWhole | undefined): readonly Fact[] => whole?.measures ?? [];
const facesOf = (whole: FileWhole | undefined): readonly FaceSeen[] => (whole?.faces ?? []).map((each) => ({ box: each.box as unknown as Box, eyes: each.eyes, blurPx: each.blur_px }));

export async function frameDetail(frame: Frame, group: readonly Frame[]): Promise<CullDetail> {
  const members = group.slice(0, 12);
  const [own, others] = await Promise.all([wholeOf(frame), Promise.all(members.map(wholeOf))]);
  return {
    id: frame.id,
    facts: factsOf(own),
    texts: own.intake,
    faces: facesOf(own),
    group: new Map(members.map((each, index) => [each.id, factsOf(others[index])])),
    groupFaces: new Map(members.map((each, index) => [each.id, facesOf(others[index])])),
  };
}

export function overruleFrames(batch: string, frames: readonly Frame[], to: string): Promise<Parcel | null> {
  const word = frames.length === 1 ? `${to.replace("_", " ")} ${frames[0]?.path ?? ""}` : `${to.replace("_", " ")} ${frames.length} frames of ${batch}`;
  // What a person says of a class stands against whatever it was; who comes later has the last word, and undo.
  const on = Object.fromEntries(frames.map((each) => [each.id, "*"]));
  return outbox.post("/overrulings", { on, word: to, reason: "seen on the light table" }, word, frames.map((each) => each.id));
}

export async function swapIn(frame: Frame, other: Frame): Promise<void> {
  const body = { old: frame.id, new: other.id, on: { [frame.id]: frame.etag, [other.id]: other.etag }, reason: `swapped at the light table: ${other.path} for ${frame.path}` };
  await ask("/swaps", { method: "POST", body, headers: { "Idempotency-Key": crypto.randomUUID() } });
  await repaint(frame.batch);
}

/** A lead's word against one failed verdict: it stays a fail, and two people must approve. */
export async function overrideVerdict(frame: Frame, check: string, reason: string): Promise<string> {
  const told = await ask<Schemas["Said"]>(at`/assets/${frame.id}/overrides`, { method: "POST", body: { check, reason }, headers: { "If-Match": frame.etag, "Idempotency-Key": crypto.randomUUID() } });
  return told.data.said;
}

export interface Cause {
  readonly id: string;
  readonly file: string;
  readonly why: string;
  readonly standing: string;
}
/** Files that may fail for the same cause as this one (R163). */
export async function causesOf(frame: Frame): Promise<Cause[]> {
  return (await get<Schemas["Causes"]>(at`/assets/${frame.id}/causes`)).items;
}

// ---------------------------------------------------------------------------------------------- deciding

export interface ReturnReason {
  readonly code: string;
  readonly title: string;
}
export async function reasonsNow(): Promise<ReturnReason[]> {
  return (await get<Schemas["Reasons"]>("/reasons")).items;
}

export interface Given {
  readonly word: string;
  readonly reason?: string;
  readonly codes?: readonly string[];
  readonly notes?: readonly { readonly text: string; readonly points: readonly { x: number; y: number }[] }[];
  readonly shown?: Readonly<Record<string, readonly unknown[]>>;
}

/** Say a word on frames as they were seen: kept at once, sent once; what somebody decided first comes back with its words. */
export function decideFrames(frames: readonly Frame[], decided: string, given: Given): Promise<Parcel | null> {
  const on = Object.fromEntries(frames.map((each) => [each.id, each.etag]));
  const body = {
    on,
    decided,
    reason: given.reason ?? "",
    marks: given.codes ?? [],
    notes: (given.notes ?? []).map((each) => ({ text: each.text, shape: each.points.length > 1 ? "free" : "pin", points: each.points.map((one) => [one.x, one.y]) })),
    shown: given.shown ?? {},
  };
  return outbox.post("/decisions", body, given.word, frames.map((each) => each.id));
}

/** How long the screen was in use on a file; told while the page closes, too. */
export async function tellLooked(file: string, seconds: number, room: string): Promise<void> {
  await ask(at`/assets/${file}/looked`, { method: "POST", body: { seconds: Math.round(seconds * 10) / 10, room }, outlives: true });
}

export async function claimFrames(frames: readonly Frame[]): Promise<string> {
  const free = frames.filter((each) => !each.claim?.mine);
  const held = frames.find((each) => each.claim?.mine)?.claim;
  if (!free.length) return held?.id ?? "";
  return (await ask<Schemas["Claimed"]>("/claims", { method: "POST", body: { files: frames.map((each) => each.id) } })).data.id;
}
export const renewClaim = async (id: string): Promise<void> => void (await ask(at`/claims/${id}/renew`, { method: "POST" }));
export const releaseClaim = async (id: string): Promise<void> => void (await ask(at`/claims/${id}`, { method: "DELETE" }));

// ---------------------------------------------------------------------------------------------- a batch leaves

export interface Sampled {
  readonly id: string;
  readonly file: string;
  readonly version: string;
  readonly why: string;
  readonly places: readonly { readonly id: string; readonly box: Box; readonly text: string; readonly percent: number }[];
  /** Ids of what was shown before, large enough and enough of it. */
  readonly before: ReadonlySet<string>;
}
export interface Release {
  readonly etag: string;
  readonly sample: readonly Sampled[];
  readonly members: number;
  readonly approved: number;
  readonly heldBy: readonly string[];
  /** Of files that are alike, how many are looked at and why so many. */
  readonly bounds: readonly { readonly members: number; readonly lookedAt: number; readonly share: number; readonly labels: number; readonly level: number }[];
}
/** What a release of a batch would cover, and what of its sample was on this person's screen so far. */
export async function releaseOf(batch: string): Promise<Release> {
  const told = await get<Schemas["ReleasePlan"]>(at`/batches/${batch}/release`);
  return {
    etag: told.etag,
    members: told.members,
    approved: told.approved,
    heldBy: told.held_by,
    bounds: told.bounds.map((each) => ({ members: each.members, lookedAt: each.looked_at, share: each.share, labels: each.labels, level: each.level })),
    sample: told.sample.map((each) => ({
      id: each.id,
      file: each.file,
      version: each.version,
      why: each.why,
      places: each.places.map((one) => ({ id: one.id, box: one.box as unknown as Box, text: one.text, percent: one.percent })),
      before: new Set(each.seen),
    })),
  };
}
export const versionThumb = (version: string): string => `${BASE}${at`/versions/${version}/render`}?size=${THUMB}`;
export async function tellShown(batch: string, version: string, places: readonly unknown[]): Promise<void> {
  await ask(at`/batches/${batch}/shown`, { method: "POST", body: { shown: { [version]: places } }, headers: { "Idempotency-Key": crypto.randomUUID() } });
}
export async function letLeave(batch: string, etag: string): Promise<void> {
  await ask(at`/batches/${batch}/release`, { method: "POST", headers: { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() } });
}

export interface Checkpoint {
  readonly label: string;
  readonly note: string;
  readonly by: string;
  readonly at: string;
  readonly back: readonly string[];
  readonly kept: readonly string[];
}
/** Places that a batch can go back to, the newest first, and the ETag to go back with. */
export async function checkpointsOf(batch: string): Promise<{ readonly etag: string; readonly items: readonly Checkpoint[] }> {
  const told = await get<Schemas["Checkpoints"]>(at`/batches/${batch}/checkpoints`);
  return { etag: told.etag, items: [...told.items].reverse() };
}
export async function setCheckpoint(batch: string, label: string, note: string): Promise<void> {
  await ask(at`/batches/${batch}/checkpoints`, { method: "POST", body: { label, note }, headers: { "Idempotency-Key": crypto.randomUUID() } });
}
export async function goBackTo(batch: string, label: string, etag: string, reason: string): Promise<number> {
  const done = await ask<Schemas["SaidMany"]>(at`/batches/${batch}/checkpoints/${label}/restore`, { method: "POST", body: { reason }, headers: { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() } });
  return done.data.items.length;
}

export interface VersionTold {
  readonly version: string;
  readonly at: string;
  readonly byPerson: boolean;
  readonly first: boolean;
  readonly differences: readonly string[];
  /** Who went back to it, and why; "" where nobody did. */
  readonly backBy: string;
  readonly backWhy: string;
  /** What was said of it, in words. */
  readonly said: readonly string[];
}
/** Every version that a file ever had, the newest first. */
export async function versionsOf(frame: Frame): Promise<VersionTold[]> {
  const told = await get<Schemas["Versions"]>(at`/assets/${frame.id}/versions`);
  return [...told.items].reverse().map((each) => ({
    version: each.version,
    at: each.at,
    byPerson: each.made_by === "person",
    first: each.first,
    differences: each.differences,
    backBy: each.back_by,
    backWhy: each.back_why,
    said: [...each.decisions.map((one) => `${one.decided} by ${one.by}${one.reason ? `: ${one.reason}` : ""}`), ...(each.approved_by ? [`approved by ${each.approved_by}`] : []), ...each.delivered.map((one) => `left for ${one}`)],
  }));
}
export async function goBackToVersion(frame: Frame, version: string, reason: string): Promise<string> {
  const done = await ask<Schemas["Said"]>(at`/assets/${frame.id}/restore`, { method: "POST", body: { version, reason }, headers: { "If-Match": frame.etag, "Idempotency-Key": crypto.randomUUID() } });
  return done.data.said;
}

// ---------------------------------------------------------------------------------------------- clients

export const oneDetail = versionDetail;
export const notesOf = async (frame: Frame): Promise<PlacedNote[]> => (await get<Schemas["Notes"]>(at`/assets/${frame.id}/notes`)).items.map(noteOf);
export async function pinNote(frame: Frame, text: string, place: { readonly x: number; readonly y: number } | null): Promise<void> {
  const points = place ? [[place.x, place.y]] : [];
  await ask(at`/assets/${frame.id}/notes`, { method: "POST", body: { text, shape: "pin", points }, headers: { "Idempotency-Key": crypto.randomUUID() } });
}
export interface ClientYes {
  readonly by: string;
  readonly at: string;
  readonly words: string;
}
/** The client's yes to the version as it stands, or null. */
export async function clientYes(frame: Frame): Promise<ClientYes | null> {
  const told = await get<Schemas["YesSaid"]>(at`/assets/${frame.id}/yes`);
  return told.by ? { by: told.by, at: told.at ?? "", words: told.words ?? "" } : null;
}
export async function sayYes(frame: Frame, words: string): Promise<void> {
  await ask(at`/assets/${frame.id}/yes`, { method: "POST", body: { words }, headers: { "If-Match": frame.etag, "Idempotency-Key": crypto.randomUUID() } });
}
/** A client sends back what was delivered: it is open again, and counted. */
export async function askForChange(frame: Frame, reason: string): Promise<string> {
  return (await ask<Schemas["Said"]>(at`/assets/${frame.id}/returns`, { method: "POST", body: { reason }, headers: { "If-Match": frame.etag, "Idempotency-Key": crypto.randomUUID() } })).data.said;
}

// ---------------------------------------------------------------------------------------------- amending

export interface Declared {
  readonly step: string;
  readonly name: string;
  readonly kind: string;
  readonly widget: string;
  readonly default: unknown;
  readonly meaning: string;
  readonly unit: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly resolution: number;
  readonly choices: readonly string[];
}

let steps: Promise<Schemas["Steps"]> | null = null;
/** What every step declares; it is the same while a server runs, so it is asked for once. */
function stepsTold(): Promise<Schemas["Steps"]> {
  steps ??= get<Schemas["Steps"]>("/steps");
  steps.catch(() => (steps = null));
  return steps;
}
export async function declarations(): Promise<ReadonlyMap<string, readonly Declared[]>> {
  const told = await stepsTold();
  return new Map(
    told.items.map((step: Schemas["Step"]) => [
      step.name,
      step.parameters.map((each: Schemas["Parameter"]): Declared => ({ step: step.name, name: each.name, kind: each.kind, widget: each.widget, default: each.default, meaning: each.meaning, unit: each.unit, minimum: each.least, maximum: each.most, resolution: each.resolution, choices: each.choices })),
    ]),
  );
}

/** How automatic each step is, and what manual control remains (R147), in its own words. */
export async function automationOf(): Promise<ReadonlyMap<string, string>> {
  return new Map((await stepsTold()).items.map((step: Schemas["Step"]) => [step.name, step.automation]));
}

type Changes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The color chain of a frame's edit with a person's changes, as a shader. */
export const colorChain = async (frame: Frame, changes: Changes): Promise<ColorChain> => (await ask<ColorChain>(at`/assets/${frame.id}/shader`, { method: "POST", body: { changes } })).data;

/** Linear light of a frame before its color, on the pixels of its version, for the shader. */
export async function lightOf(frame: Frame): Promise<Light> {
  const answer = await fetch(`${BASE}${at`/assets/${frame.id}/light`}?size=1200`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`live color has no picture to work on (${answer.status})`);
  const number = (name: string): number => Number(answer.headers.get(name));
  const ground = answer.headers.get("X-Ground");
  return {
    width: number("X-Width"),
    height: number("X-Height"),
    halves: new Uint16Array(await answer.arrayBuffer()),
    ground: ground && /^#[0-9a-f]{6}$/i.test(ground) ? [1, 3, 5].map((at) => Number.parseInt(ground.slice(at, at + 2), 16) / 255) : null,
  };
}

/** What a hand drew on a matte, in 0..1 of the upright original. */
export interface Stroke {
  readonly tool: "brush" | "scribble" | "click" | "box" | "path";
  readonly points: readonly (readonly [number, number])[];
  readonly adds: boolean;
  readonly radius: number;
  readonly hardness: number;
  readonly flow: number;
}

/** The server's own painting of a frame with a person's changes and strokes: whole at a size, or a region at 100 %. */
export async function draftImage(frame: Frame, changes: Changes, how: { side: number } | { region: readonly number[] }, strokes: readonly Stroke[] = []): Promise<Blob> {
  return blob(at`/assets/${frame.id}/draft`, { changes, strokes, size: "side" in how ? how.side : null, region: "region" in how ? how.region : null });
}
/** The matte with strokes on it, small: for the tint. */
export const drawnMatte = (frame: Frame, strokes: readonly Stroke[]): Promise<Blob> => blob(at`/assets/${frame.id}/matte`, { strokes });
/** The way between two places that clings to the picture's edges. */
export const followEdge = async (frame: Frame, start: readonly [number, number], end: readonly [number, number]): Promise<readonly (readonly [number, number])[]> =>
  (await ask<Schemas["Along"]>(at`/assets/${frame.id}/wire`, { method: "POST", body: { start, end } })).data.points as unknown as [number, number][];
export async function saveStrokes(frame: Frame, strokes: readonly Stroke[], reason: string, etag = frame.etag): Promise<string> {
  const told = await ask<FileLine>(at`/assets/${frame.id}/strokes`, { method: "POST", body: { strokes, reason }, headers: { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() } });
  return told.data.etag;
}

export interface Outline {
  readonly d: string;
  readonly knots: readonly { readonly x: number; readonly y: number }[];
  readonly places: readonly { readonly kind: string; readonly box: Box; readonly value: number }[];
}
/** The clipping path of a frame's matte; worked out when it is first asked for. */
export async function outlineOf(frame: Frame): Promise<Outline> {
  const told = await get<Schemas["Outline"]>(at`/assets/${frame.id}/outline`);
  return { d: told.d, knots: told.knots.map(([x, y]) => ({ x, y })), places: told.places as unknown as Outline["places"] };
}

export interface Mood {
  readonly grade: Readonly<Record<string, unknown>>;
  readonly moved: number;
  readonly explained: number;
  readonly before: number;
  readonly after: number;
}
/** The grade that lends frames the palette and mood of reference pictures; they travel small, as JPEG. */
export async function matchMood(frames: readonly Frame[], references: readonly Blob[], strength: number): Promise<Mood> {
  const told = (await ask<Schemas["Mood"]>("/mood", { method: "POST", body: { files: frames.map((each) => each.id), references: await Promise.all(references.map(base64)), strength } })).data;
  return { grade: told.grade, moved: told.moved, explained: told.explained, before: told.distance_before, after: told.distance_after };
}
async function base64(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}

export async function amendFrame(frame: Frame, step: string, values: Readonly<Record<string, unknown>>, reason: string, etag = frame.etag): Promise<string> {
  const told = await ask<FileLine>(at`/assets/${frame.id}/amendments`, { method: "POST", body: { step, values, reason }, headers: { "If-Match": etag, "Idempotency-Key": crypto.randomUUID() } });
  return told.data.etag;
}

/** A picture is painted anew by every amendment of its batch: this often at most while one member of a set is amended. */
const REPAINTS = 5;

/**
 * Amend one picture of a set, step by step. Where it was only painted anew meanwhile it is asked again; where somebody
 * said a word on it, that word stands and the refusal is thrown.
 */
export async function amendMember(frame: Frame, values: Iterable<readonly [string, Readonly<Record<string, unknown>>]>, reason: string): Promise<void> {
  let now = frame;
  let repaints = 0;
  const left = [...values];
  for (let next = left.shift(); next; ) {
    try {
      now = { ...now, etag: await amendFrame(now, next[0], next[1], reason, now.etag) };
      next = left.shift();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 409) || ++repaints > REPAINTS) throw error;
      const fresh = await oneFrame(frame.id);
      if (fresh.standing !== frame.standing || fresh.decisions.length !== frame.decisions.length) throw error;
      now = fresh;
    }
  }
}

export async function repaint(batch: string): Promise<void> {
  await ask(at`/batches/${batch}/repaint`, { method: "POST" });
}

// ---------------------------------------------------------------------------------------------- numbers

export interface Proposal {
  readonly id: string;
  readonly told: string;
  readonly now: number;
  readonly to: number;
  readonly sparedNow: number;
  readonly sparedThen: number;
  readonly evidence: string;
}
export interface PlotRow {
  readonly name: string;
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly count?: number;
  readonly bad?: boolean;
  readonly note?: string;
}
export interface Plot {
  readonly title: string;
  readonly told: string;
  readonly unit: string;
  readonly goal: number | null;
  readonly goalWord: string;
  readonly bars: boolean;
  readonly rows: readonly PlotRow[];
  readonly empty: string;
}
export interface Numbers {
  readonly told: string;
  /** When they were counted; of many files an answer holds for a minute or two. */
  readonly at: string;
  readonly needed: number;
  readonly plots: readonly Plot[];
  readonly trend: { readonly title: string; readonly told: string; readonly limit: number | null; readonly series: readonly { name: string; points: readonly { at: string; value: number | null }[]; bad: boolean }[] };
  readonly ahead: readonly { readonly category: string; readonly window: string; readonly stalledHours: number; readonly firstLooks: string; readonly sentBack: string }[];
  readonly alarms: readonly { readonly category: string; readonly text: string }[];
  readonly strata: readonly { readonly stratum: string; readonly told: string; readonly labels: number; readonly needed: number | null; readonly bound: number; readonly clopper: number; readonly auto: boolean }[];
  readonly proposals: readonly Proposal[];
}

interface ShareLine {
  readonly hits: number;
  readonly tries: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}
/** A category's figures, as `reports.kpi_table` writes them. */
interface CategoryLine {
  readonly category: string;
  readonly final: number;
  readonly waiting: number;
  readonly oldest_h: number;
  readonly turnaround_h: readonly [number, number] | null;
  readonly days_to_live: number | null;
  readonly first_pass: ShareLine;
  readonly revised: ShareLine;
  readonly within_sla: ShareLine;
  readonly review_min: number;
  readonly labor_min: number;
  readonly rework_min: number;
  readonly cost: number | null;
  readonly cost_by_hand: number | null;
  readonly overdue: number;
  readonly saved_h: Readonly<Record<string, number>>;
  readonly trend: readonly (readonly [string, number])[];
  readonly causes: readonly (readonly [string, number, string])[];
  readonly alarm: boolean;
  readonly window: { readonly told: string };
  readonly stalled_h: number;
  readonly first_look_change: Readonly<Record<string, { readonly told: string }>>;
  readonly revised_change: { readonly told: string };
}

export const figuresCsv = `${BASE}/figures.csv`;

export async function numbersNow(): Promise<Numbers> {
  const [told, strata, alarms, proposals] = await Promise.all([
    get<Schemas["Figures"]>("/figures"),
    get<Schemas["Lines"]>("/strata"),
    get<Schemas["Lines"]>("/alarms"),
    get<Schemas["Lines"]>("/proposals"),
  ]);
  const rows = told.categories as unknown as CategoryLine[];
  const [goal, limit] = [told.first_pass_target * 100, told.rework_alarm * 100];
  const hundred = (value: number | null): number | null => (value === null ? null : value * 100);
  const shares = (of: (each: CategoryLine) => ShareLine, isBad: (share: ShareLine) => boolean): PlotRow[] =>
    rows.map((each) => {
      const share = of(each);
      return { name: each.category, value: share.tries ? hundred(share.share) : null, low: share.tries ? hundred(share.low) : null, high: share.tries ? hundred(share.high) : null, count: share.tries, bad: share.tries > 0 && isBad(share) };
    });
  const plain = (of: (each: CategoryLine) => number | null): PlotRow[] => rows.map((each) => ({ name: each.category, value: of(each) }));
  const late = rows.filter((each) => each.category !== "all").reduce((sum, each) => sum + each.overdue, 0);
  const byHand = rows.filter((each) => each.cost_by_hand !== null).map((each) => `${each.category} ${(each.cost_by_hand ?? 0).toFixed(2)}`);
  const none = { goal: null, goalWord: "", bars: true };
  const causes = new Map<string, number>();
  for (const [name, count] of rows.flatMap((each) => each.causes)) causes.set(name, (causes.get(name) ?? 0) + count);
  const weeks = [...new Set(rows.flatMap((each) => each.trend.map(([week]) => week)))].sort();
  return {
    told: `${rows.reduce((sum, each) => sum + each.first_pass.tries, 0)} files decided so far, always by category`,
    at: told.at,
    needed: told.least_labels,
    plots: [
      { title: "First-pass yield", told: "approved with no revise, with its 95 % interval", unit: "%", goal, goalWord: "goal", bars: false, empty: "Nothing is decided yet.", rows: shares((each) => each.first_pass, (share) => (share.high ?? 1) * 100 < goal) },
      { title: "Revision rate", told: "came back after a review, with its 95 % interval", unit: "%", goal: limit, goalWord: "limit", bars: false, empty: "Nothing is decided yet.", rows: shares((each) => each.revised, (share) => (share.low ?? 0) * 100 > limit) },
      { title: "Turnaround", told: "hours from the shoot's close to delivery: median, to nine in ten", unit: "h", goal: null, goalWord: "", bars: false, empty: "Nothing is delivered yet.", rows: rows.map((each) => ({ name: each.category, value: each.turnaround_h?.[0] ?? null, low: each.turnaround_h?.[0] ?? null, high: each.turnaround_h?.[1] ?? null, count: each.final })) },
      { title: "On time", told: "inside the time that their lane promises", unit: "%", goal: null, goalWord: "", bars: false, empty: "Nothing is delivered yet.", rows: shares((each) => each.within_sla, () => false) },
      { title: "Oldest that waits", told: late ? `business hours; ${late} wait longer than their lane allows` : "business hours", unit: "h", ...none, empty: "Nothing waits.", rows: rows.filter((each) => each.waiting).map((each) => ({ name: each.category, value: each.oldest_h, count: each.waiting })) },
      { title: "Minutes of people", told: "review, labor and rework, by what was done here", unit: "min", ...none, empty: "No minute is counted yet.", rows: rows.some((each) => each.review_min + each.labor_min > 0) ? plain((each) => each.review_min + each.labor_min) : [] },
      { title: "Cost of a final asset", told: `with rework${told.currency ? `, ${told.currency}` : ""}${byHand.length ? `; by hand it was ${byHand.join(", ")}` : ""}`, unit: told.currency, ...none, empty: "The studio's rates are not set, or nothing is delivered yet.", rows: plain((each) => each.cost) },
      { title: "Hours saved", told: "against the studio's own baseline, redo taken off", unit: "h", ...none, empty: "The studio's baseline is not set.", rows: rows.map((each) => ({ name: each.category, value: each.saved_h.net ?? null })) },
      { title: "Why it came back", told: "marked reasons; causes, never people", unit: "", ...none, empty: "Nothing came back with a marked reason yet.", rows: [...causes].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([name, value]) => ({ name, value })) },
    ],
    trend: {
      title: "Revision rate by week",
      told: "share of what was decided",
      limit,
      series: weeks.length > 1 ? rows.map((each) => ({ name: each.category, bad: each.alarm, points: weeks.map((week) => ({ at: week, value: hundred(each.trend.find(([own]) => own === week)?.[1] ?? null) })) })) : [],
    },
    ahead: rows
      .filter((each) => each.first_pass.tries || each.waiting)
      .map((each) => ({ category: each.category, window: each.window.told, stalledHours: each.waiting ? each.stalled_h : 0, firstLooks: each.first_look_change[0]?.told ?? "no first look yet", sentBack: each.revised_change.told })),
    alarms: alarms.items.map((each) => ({ category: String(each.category), text: String(each.text) })),
    strata: strata.items.map((each) => ({
      stratum: String(each.stratum),
      told: String(each.told),
      labels: Number(each.labels),
      needed: each.needed === null ? null : Number(each.needed),
      bound: Number(each.bound),
      clopper: Number(each.clopper_pearson),
      auto: Boolean(each.auto),
    })),
    proposals: proposals.items.map((each) => ({
      id: String(each.id),
      told: String(each.told),
      now: Number(each.now),
      to: Number(each.to),
      sparedNow: Number(each.spared_now),
      sparedThen: Number(each.spared_then),
      evidence: String(each.evidence),
    })),
  };
}
export async function acceptProposal(id: string, reason: string): Promise<string> {
  return (await ask<Schemas["Said"]>(at`/proposals/${id}/accept`, { method: "POST", body: { reason } })).data.said;
}
export async function refuseProposal(id: string, reason: string): Promise<string> {
  return (await ask<Schemas["Said"]>(at`/proposals/${id}/refuse`, { method: "POST", body: { reason } })).data.said;
}
