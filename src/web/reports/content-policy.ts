import type { CapabilityKind } from './capability';

/** Addresses, absolute, as policies name them. */
export interface ContentSources {
  /** Of the folder; ends with a slash, so that it means all below. */
  base: string;
  /** Of the script that keeps a page in its frame. */
  guard: string;
  /** Of the pages in whose frames it may stand. */
  pages: string;
}

/**
 * What a page that a pipeline wrote may do: run its scripts in an origin of its own, and load what lies beside it. It has no cookies, no
 * storage and no parent, sends nothing to anybody, and opens and moves no window. A site may also fetch the files below its folder.
 */
export function pagePolicy(kind: CapabilityKind, { base, guard, pages }: ContentSources): string {
  return [
    'sandbox allow-scripts',
    "default-src 'none'",
    `script-src 'unsafe-inline' 'unsafe-eval' blob: data: ${base} ${guard}`,
    `style-src 'unsafe-inline' ${base}`,
    `img-src data: blob: ${base}`,
    `font-src data: ${base}`,
    `media-src data: blob: ${base}`,
    'worker-src blob: data:',
    `connect-src ${kind === 'site' ? `data: blob: ${base}` : "'none'"}`,
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${pages}`,
    "webrtc 'block'",
  ].join('; ');
}

/** The same once more for browsers that know it: it holds for calls, and for looking up names, which content policies forget. */
export const OWN_CONNECTIONS = '(response-origin)';

/** For all that is no page: opened by itself it is dead, whatever it is. What loads it has the policy of a page. */
export const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";
