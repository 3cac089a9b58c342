import { createHmac, timingSafeEqual } from 'node:crypto';

/** What the files of a link are for: a page that may run its own scripts (`site`: and read its own files), or another program (`shared`). */
export const CAPABILITY_KINDS = ['report', 'site', 'shared'] as const;
export type CapabilityKind = (typeof CAPABILITY_KINDS)[number];

/** Who may read the files, and handed them out: somebody logged in, or whoever has a link to the run. */
export interface CapabilityReader {
  by: 'person' | 'link';
  /** UUID of the person, or of the link. */
  id: string;
}

/** The right to read the files in one folder of a run's results, for a while. */
export interface Capability {
  kind: CapabilityKind;
  runId: number;
  /** The right ends with theirs. */
  reader: CapabilityReader;
  /** Address of the folder below the results; '' for all of them. */
  folder: string;
  expiresMs: number;
}

const TOKEN = /^(\w+)\.([1-9]\d{0,8})\.([0-9a-z]{1,12})\.(p|l)([0-9a-f-]{36})\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{43})$/;
const BASE = 36;

/** Writes it as one segment of a path, so that addresses that are relative to a file keep it. */
export function sealCapability(key: string, { kind, runId, reader, folder, expiresMs }: Capability): string {
  const said = [kind, runId, expiresMs.toString(BASE), `${reader.by[0]}${reader.id}`, Buffer.from(folder).toString('base64url')].join('.');
  return `${said}.${sign(key, said)}`;
}

/** @returns null for what we never wrote, and for what is too old. */
export function openCapability(key: string, token: string, nowMs: number): Capability | null {
  const [, kind = '', runId, expires = '', by, id = '', folder = '', signature = ''] = TOKEN.exec(token) ?? [];
  const said = token.slice(0, -signature.length - 1);
  if (signature === '' || !isSame(signature, sign(key, said)) || !isKind(kind)) return null;
  const expiresMs = parseInt(expires, BASE);
  if (expiresMs <= nowMs) return null;
  return {
    kind,
    runId: Number(runId),
    reader: { by: by === 'p' ? 'person' : 'link', id },
    folder: Buffer.from(folder, 'base64url').toString(),
    expiresMs,
  };
}

function isKind(text: string): text is CapabilityKind {
  return (CAPABILITY_KINDS as readonly string[]).includes(text);
}

function sign(key: string, said: string): string {
  return createHmac('sha256', key).update(`capability:${said}`).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
