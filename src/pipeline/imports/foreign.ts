import { open } from 'node:fs/promises';
import { StartupError } from '../../common/errors';
import { EXIT } from '../exit';

/** What comes out of a foreign file, of which nothing is known. */

export type Foreign = Record<string, unknown>;

const MOST_BYTES = 2 * 1024 * 1024;
const MOST_DEPTH = 100;

export function refuse(sentence: string): StartupError {
  return new StartupError(sentence, EXIT.data);
}

/** @throws StartupError when it cannot be read, or is too large to be meant. */
export async function readForeign(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw refuse(`${path} is no file.`);
      if (stats.size > MOST_BYTES) throw refuse(`${path} is larger than 2 MiB; no such description is.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw refuse(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
  }
}

/** Text in UTF-8, or in UTF-16 where the file says so. @throws StartupError for bytes that are neither. */
export function decode(bytes: Buffer, path: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refuse(`${path} is no text in UTF-8.`);
  }
}

/** @throws StartupError when it is no JSON object. */
export async function readJson(path: string): Promise<Foreign> {
  const source = decode(await readForeign(path), path);
  let content: unknown;
  try {
    content = JSON.parse(source);
  } catch (error) {
    throw refuse(`${path} is no JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (!isObject(content)) throw refuse(`${path} holds no JSON object.`);
  if (depthOf(content) > MOST_DEPTH) throw refuse(`${path} is nested more deeply than any such description is.`);
  return content;
}

/** Level by level: a recursion would end where the stack does. */
function depthOf(content: unknown): number {
  let level: unknown[] = [content];
  for (let depth = 0; ; depth += 1) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    if (level.length === 0 || depth > MOST_DEPTH) return depth;
  }
}

export function isObject(value: unknown): value is Foreign {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an object itself has under a name; never what it inherits. */
export function own(object: unknown, name: string): unknown {
  return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function ownObject(object: unknown, name: string): Foreign {
  const value = own(object, name);
  return isObject(value) ? value : {};
}

export function ownText(object: unknown, name: string): string | undefined {
  const value = own(object, name);
  return typeof value === 'string' && value.trim() !== '' ? cleaned(value) : undefined;
}

export function ownNumber(object: unknown, name: string): number | undefined {
  const value = own(object, name);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function ownList(object: unknown, name: string): unknown[] {
  const value = own(object, name);
  return Array.isArray(value) ? value : [];
}

/** Text, numbers and truth values as text; undefined for all else. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return cleaned(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Without what cannot be seen or stored. */
function cleaned(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u{fffd}]/gu, '');
}
