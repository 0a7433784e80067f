/** What this browser keeps of a person's screen: small JSON values by name. */

/** Return what was kept under `name`, or `otherwise`; broken or foreign data counts as nothing kept. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(name);
    const value: unknown = text === null ? null : JSON.parse(text);
    if (value === null || typeof value !== typeof otherwise || Array.isArray(value) !== Array.isArray(otherwise)) return otherwise;
    const isRecord = typeof otherwise === "object" && otherwise !== null && !Array.isArray(otherwise);
    return (isRecord ? { ...otherwise, ...value } : value) as T;
  } catch {
    return otherwise;
  }
}

/** Keep `value` under `name`. Returns false where the browser has no room or allows none. */
export function keep(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
