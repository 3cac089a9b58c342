import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline as pump } from 'node:stream/promises';
import type { Pipeline } from './manifest';

/** What a pipeline was, as a number that changes with each of its files. */
export interface PipelineDigest {
  /** Of its manifest and its files, in hexadecimal. */
  sha256: string;
  files: number;
  bytes: number;
  /** False where there is more than is read: then the rest counts by size and time. */
  complete: boolean;
}

/** What is read of one pipeline; more is data or an environment, and no program. */
const MOST_FILES = 2000;
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_KNOWN = 10_000;
/** What programs leave behind, and what no program is. */
const SKIPPED = /^\.|^__pycache__$/;
/** A translation changes what is read of a pipeline, and nothing of what it does. */
const WORDS = /^locales\/[^/]+\.ya?ml$/;

interface Found {
  /** From the folder of the pipeline, joined by `/`. */
  path: string;
  bytes: number;
  mark: string;
}

/** Digests of files by their path, as long as these stay as they were. */
const known = new Map<string, { mark: string; sha256: string }>();

/**
 * The digest of a pipeline as it lies there now. Files are read once, and again when size or time of change tell so.
 * @param root PIPELINES_DIR: of a script that lies there by itself its neighbours are no part.
 */
export async function pipelineDigest({ manifest, folder }: Pipeline, root: string): Promise<PipelineDigest> {
  const isBare = resolve(folder) === resolve(root);
  const names = manifest.runtime.command.filter((word) => word.startsWith('./')).map((word) => word.slice(2));
  const found = isBare ? await lookAt(folder, names) : await filesBelow(folder);
  const whole = createHash('sha256').update(JSON.stringify(manifest));
  let bytes = 0;
  let isComplete = found.length < MOST_FILES;
  for (const file of found.sort((one, other) => (one.path < other.path ? -1 : 1))) {
    bytes += file.bytes;
    const isRead = bytes <= MOST_BYTES;
    isComplete &&= isRead;
    const content = isRead ? await digestOf(join(folder, file.path), file.mark) : file.mark;
    whole.update(`\n${JSON.stringify([file.path, content])}`);
  }
  return { sha256: whole.digest('hex'), files: found.length, bytes, complete: isComplete };
}

async function filesBelow(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  const folders = [''];
  for (let above = folders.shift(); above !== undefined && found.length < MOST_FILES; above = folders.shift()) {
    const entries = await readdir(join(folder, above), { withFileTypes: true }).catch(() => []);
    const inside = entries
      .filter(({ name }) => !SKIPPED.test(name))
      .map((entry) => ({ entry, path: above === '' ? entry.name : `${above}/${entry.name}` }));
    for (const { entry, path } of inside) if (entry.isDirectory()) folders.push(path);
    // Where a link leads is part of the pipeline, what lies there is not.
    const plain = inside
      .filter(({ entry }) => entry.isFile() || entry.isSymbolicLink())
      .flatMap(({ path }) => (WORDS.test(path) ? [] : [path]));
    found.push(...(await lookAt(folder, plain.slice(0, MOST_FILES - found.length))));
  }
  return found;
}

async function lookAt(folder: string, paths: readonly string[]): Promise<Found[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const target = await readlink(join(folder, path)).catch(() => '');
      const seen = await stat(join(folder, path), { bigint: true }).catch(() => null);
      if (!seen?.isFile()) return target === '' ? [] : [{ path, bytes: 0, mark: target }];
      return [{ path, bytes: Number(seen.size), mark: [target, seen.ino, seen.size, seen.mtimeNs].join(' ') }];
    }),
  );
  return found.flat();
}

async function digestOf(path: string, mark: string): Promise<string> {
  const before = known.get(path);
  if (before?.mark === mark) return before.sha256;
  const hash = createHash('sha256');
  // Gone or not ours to read: as it was seen, then.
  const isRead = await pump(createReadStream(path), hash)
    .then(() => true)
    .catch(() => false);
  const sha256 = isRead ? hash.digest('hex') : mark;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(path, { mark, sha256 });
  return sha256;
}
