/** One way to the server: JSON in and out, problems as sentences, and the difference between no and no answer. */

/** What the server refuses with (RFC 9457), as far as the screen reads it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly [more: string]: unknown;
}

/** The server said no. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }

  get status(): number {
    return this.problem.status;
  }
}

/** There was no answer: the server is away, or the wire is cut. */
export class Away extends Error {}

/** The same request is being carried out: its answer comes to whoever sends it again in a second. */
export class Underway extends Away {}

function refused(problem: Problem): Refused | Underway {
  return String(problem.type).endsWith("/underway") ? new Underway(problem.detail) : new Refused(problem);
}

export interface Answer<T> {
  readonly data: T;
  readonly etag: string;
}

export const BASE = "/api/v1";

/** Called when a session has ended; the screen asks to sign in and comes back to the same place. */
let signedOut: () => void = () => {};
export const onSignedOut = (handler: () => void): void => {
  signedOut = handler;
};

let csrf = "";
export const setCsrf = (token: string): void => {
  csrf = token;
};

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** It may arrive after the page is closed. */
  readonly outlives?: boolean;
  /** The answer is a picture. */
  readonly blobbed?: boolean;
}

/** Ask the server and return data and ETag. Throws `Refused` or `Away`, nothing else. */
export async function ask<T>(path: string, { method = "GET", body, headers = {}, signal, outlives = false, blobbed = false }: Ask = {}): Promise<Answer<T>> {
  const sent: Record<string, string> = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (csrf && method !== "GET") sent["X-CSRF-Token"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers: sent,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      ...(outlives ? { keepalive: true } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Away(String(error));
  }
  if (answer.ok && blobbed) return { data: (await answer.blob()) as T, etag: "" };
  if (answer.ok) {
    const data = (answer.status === 204 ? undefined : await answer.json()) as T;
    return { data, etag: answer.headers.get("ETag") ?? "" };
  }
  if ([502, 503, 504].includes(answer.status)) throw new Away(`the server answered ${answer.status}`);
  const problem = await problemOf(answer);
  if (problem.status === 401) signedOut();
  throw refused(problem);
}

/** What a large body is sent with: `told` hears how much of it is on its way. */
export interface Upload {
  readonly headers: Readonly<Record<string, string>>;
  readonly told: (sent: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Send a file as it is, telling how far it is. Throws `Refused` or `Away`, and `AbortError` where it was stopped. */
export function upload<T>(path: string, file: Blob, { headers, told, signal }: Upload): Promise<T> {
  return new Promise((resolve, reject) => {
    const wire = new XMLHttpRequest();
    wire.open("POST", BASE + path);
    const sent = { Accept: "application/json", "Content-Type": "application/octet-stream", ...headers, ...(csrf ? { "X-CSRF-Token": csrf } : {}) };
    for (const [name, value] of Object.entries(sent)) wire.setRequestHeader(name, value);
    wire.upload.onprogress = (event) => told(event.loaded, event.lengthComputable ? event.total : file.size);
    wire.onerror = () => reject(new Away("the line was cut"));
    wire.onabort = () => reject(new DOMException("stopped", "AbortError"));
    wire.onload = () => {
      const { status, statusText } = wire;
      if (status >= 200 && status < 300) return resolve(JSON.parse(wire.responseText) as T);
      if ([502, 503, 504].includes(status)) return reject(new Away(`the server answered ${status}`));
      const problem = problemFrom(wire.responseText, status, statusText);
      if (status === 401) signedOut();
      reject(refused(problem));
    };
    signal?.addEventListener("abort", () => wire.abort());
    wire.send(file);
  });
}

async function problemOf(answer: Response): Promise<Problem> {
  return problemFrom(await answer.text().catch(() => ""), answer.status, answer.statusText);
}

function problemFrom(text: string, status: number, statusText: string): Problem {
  try {
    const told = JSON.parse(text) as Partial<Problem>;
    return { ...told, status, title: String(told.title ?? statusText), detail: String(told.detail ?? "") };
  } catch {
    return { status, title: statusText || `status ${status}`, detail: "" };
  }
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await ask<T>(path, signal ? { signal } : {})).data;

/** A path with its parts encoded: hostile names are data. */
export const at = (parts: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  parts.reduce((whole, part, index) => whole + encodeURIComponent(String(values[index - 1])) + part);

/** Post JSON and take a picture back. */
export const blob = async (path: string, body: unknown): Promise<Blob> => (await ask<Blob>(path, { method: "POST", body, blobbed: true, headers: { Accept: "image/*" } })).data;
