import type { Request } from 'express';
import type { ByteRange } from './byte-stream';

/** What a request gets, by its conditions: all or a part of the bytes, or none of them. */
export type Answer = { status: 200 | 206; range: ByteRange } | { status: 304 | 412 | 416 };

/** A state of what is asked for. */
export interface Version {
  size: number;
  /** A strong tag, with its quotes. */
  tag: string;
  mtimeMs: number;
}

/**
 * Decides by the conditions of RFC 9110, 13 and 14: `If-Match`, `If-Unmodified-Since`, `If-None-Match`, `If-Modified-Since`, `If-Range`
 * and `Range`. More than one part is answered by all of it, which the standard allows.
 */
export function decide({ headers }: Pick<Request, 'headers'>, version: Version): Answer {
  if (!isPreconditionMet(headers, version)) return { status: 412 };
  if (isFresh(headers, version)) return { status: 304 };
  const range = headers.range === undefined || !holds(headers['if-range'], version) ? null : partOf(headers.range, version.size);
  if (range === 'unfit') return { status: 416 };
  return range ? { status: 206, range } : { status: 200, range: { from: 0, to: version.size } };
}

type Headers = Request['headers'];

function isPreconditionMet(headers: Headers, version: Version): boolean {
  if (headers['if-match'] !== undefined) return hasTag(headers['if-match'], version.tag);
  const since = dateOf(headers['if-unmodified-since']);
  return since === null || seconds(version.mtimeMs) <= seconds(since);
}

function isFresh(headers: Headers, version: Version): boolean {
  if (headers['if-none-match'] !== undefined) return hasTag(headers['if-none-match'], version.tag);
  const since = dateOf(headers['if-modified-since']);
  return since !== null && seconds(version.mtimeMs) <= seconds(since);
}

/** Whether the part that somebody has already is of this state; without the header it is taken for granted. */
function holds(condition: string | string[] | undefined, version: Version): boolean {
  if (condition === undefined) return true;
  const text = String(condition);
  if (text.includes('"')) return text === version.tag;
  const date = dateOf(text);
  return date !== null && seconds(version.mtimeMs) <= seconds(date);
}

function partOf(header: string, size: number): ByteRange | 'unfit' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return from < to ? { from, to } : 'unfit';
}

function hasTag(header: string, tag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);
}

function dateOf(header: string | string[] | undefined): number | null {
  const time = Date.parse(String(header ?? ''));
  return Number.isNaN(time) ? null : time;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
