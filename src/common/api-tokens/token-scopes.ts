/**
 * What a token is good for:
 * - `read`: looking at whatever its person may see.
 * - `files`: changing projects and their files.
 * - `run`: asking for runs, and ending them.
 * - `share`: letting others into projects and runs, and webhooks, which tell other programs of runs.
 * - `admin`: what administrators may; without it the token's person is none.
 */
export const TOKEN_SCOPES = ['read', 'files', 'run', 'share', 'admin'] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];

export function isTokenScope(word: string): word is TokenScope {
  return (TOKEN_SCOPES as readonly string[]).includes(word);
}
