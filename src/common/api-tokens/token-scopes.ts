/**
 * What a token is good for:
 * - `read`: looking at whatever its person may see.
 * - `files`: changing projects and their files.
 * - `run`: asking for runs, and ending them.
 * - `admin`: what administrators may; without it the token's person is none.
 */
export const TOKEN_SCOPES = ['read', 'files', 'run', 'admin'] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];

export function isTokenScope(word: string): word is TokenScope {
  return (TOKEN_SCOPES as readonly string[]).includes(word);
}
