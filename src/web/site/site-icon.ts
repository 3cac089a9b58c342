import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartupError } from '../../common/errors';
import { EXIT_CONFIG } from '../../common/exit-status';

const MOST_BYTES = 1_000_000;
const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Where the head of a PNG holds its width and, after it, its height. */
const PNG_SIZE_AT = 16;
/** An XML declaration, comments and a document type may come first. */
const SVG_HEAD = /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*|<!--[^]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i;

/** The sign of the site as the operator gave it. */
export interface SiteIcon {
  /** Below the base path; changes with its content. */
  path: string;
  type: 'image/svg+xml' | 'image/png';
  /** As manifests and links write it: `any`, or `192x192`. */
  sizes: string;
  body: Buffer;
}

/**
 * Reads SITE_ICON once, at the start.
 * @returns null when it is not set: the sign of Showrunner serves.
 * @throws StartupError for a file that is not there, is too large, or is neither.
 */
export function readSiteIcon(file: string | undefined): SiteIcon | null {
  if (file === undefined) return null;
  const body = read(file);
  if (body.length > MOST_BYTES) throw refusal(file, 'has more than 1 MB');
  const kind = kindOf(body);
  if (!kind) throw refusal(file, 'is neither an SVG nor a square PNG');
  const version = createHash('sha256').update(body).digest('hex').slice(0, 10);
  return { ...kind, body, path: `/site-icon/${version}` };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw refusal(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function kindOf(body: Buffer): Pick<SiteIcon, 'type' | 'sizes'> | null {
  if (SVG_HEAD.test(body.toString('utf8'))) return { type: 'image/svg+xml', sizes: 'any' };
  if (body.length < PNG_SIZE_AT + 8 || !body.subarray(0, PNG_HEAD.length).equals(PNG_HEAD)) return null;
  const [width, height] = [body.readUInt32BE(PNG_SIZE_AT), body.readUInt32BE(PNG_SIZE_AT + 4)];
  return width === height ? { type: 'image/png', sizes: `${width}x${height}` } : null;
}

function refusal(file: string, what: string): StartupError {
  return new StartupError(`SITE_ICON: ${file} ${what}.`, EXIT_CONFIG);
}
