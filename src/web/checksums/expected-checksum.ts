const MOST_CHARACTERS = 2000;

/**
 * The SHA-256 in what somebody pasted: alone, as a line of `sha256sum`, as `SHA256 (name) = …`, or with `sha256:` before it.
 * @returns in lower case; null when there is none.
 */
export function readChecksum(text: string): string | null {
  return /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/i.exec(text.slice(0, MOST_CHARACTERS))?.[0].toLowerCase() ?? null;
}
