/** localStorage that may be blocked or full: reading falls back, writing gives up quietly. */

/** Reads a JSON value; `fallback` when missing, broken or not what `check` accepts. */
export function readSetting<T>(key: string, fallback: T, check: (value: unknown) => value is T): T {
  try {
    const text = localStorage.getItem(`concord.${key}`);
    if (text === null) return fallback;
    const value: unknown = JSON.parse(text);
    return check(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a JSON value on this device. */
export function writeSetting(key: string, value: unknown): void {
  try {
    localStorage.setItem(`concord.${key}`, JSON.stringify(value));
  } catch {
    // A setting that cannot be kept still holds until the page is closed.
  }
}

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
export const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
