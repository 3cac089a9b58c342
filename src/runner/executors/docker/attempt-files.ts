import { access, link, open, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readSmallFile } from '../process-table';
import { reserveWord, sayWord } from '../reserved-word';
import type { ContainerEnd } from './container-state';
import { TRACE } from './container-plan';

/** Files of an attempt by which runners that know nothing of each other agree: start-once marker, trace of a start, end. */

const MARKER = 'started';
const ASKED = 'asked';
const EXIT = 'exit';
const OUTGROWN = 'outgrown';
/** Folder in which the engine leaves the trace of a start. */
export const TRACE_FOLDER = 'trace';

/** Of everybody who wants to start (`go`) or to seal (``) an attempt exactly one succeeds. It appears with its content, never empty for an instant. */
export async function placeMarker(folder: string, content: 'go' | ''): Promise<boolean> {
  const draft = join(folder, `${MARKER}.${randomBytes(6).toString('hex')}`);
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, join(folder, MARKER));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await unlink(draft);
  }
}

/** `go`: somebody was allowed to start it. `sealed`: nobody ever is. Null: open. */
export async function readMarker(folder: string): Promise<'go' | 'sealed' | null> {
  try {
    return (await readFile(join(folder, MARKER), 'utf8')).trim() === 'go' ? 'go' : 'sealed';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether the start got so far that the program may have begun; see `DockerExecutor`. */
export async function hasTrace(folder: string): Promise<boolean> {
  try {
    return (await readdir(join(folder, TRACE_FOLDER))).includes(TRACE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Once it is proven that the start which left it never came to the program. */
export async function removeTrace(folder: string): Promise<void> {
  await rm(join(folder, TRACE_FOLDER, TRACE), { recursive: true, force: true });
}

/** Before anything begins, so that a full disk cannot keep it from being asked to end. */
export function reserveAsked(folder: string): Promise<void> {
  return reserveWord(folder, ASKED);
}

export function markAsked(folder: string): Promise<void> {
  return sayWord(folder, ASKED);
}

export function wasAsked(folder: string): Promise<boolean> {
  return access(join(folder, ASKED)).then(
    () => true,
    () => false,
  );
}

/** How much a container kept in itself when it was ended for that, and how much it might have. */
export interface Outgrown {
  bytes: number;
  limit: number;
}

/** Before it is ended. */
export async function writeOutgrown(folder: string, outgrown: Outgrown): Promise<void> {
  const draft = join(folder, `${OUTGROWN}.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, JSON.stringify(outgrown));
  await rename(draft, join(folder, OUTGROWN));
}

export async function readOutgrown(folder: string): Promise<Outgrown | null> {
  const content = await readSmallFile(join(folder, OUTGROWN));
  return content === null ? null : (JSON.parse(content) as Outgrown);
}

/** The first line is that of every engine, `<attempt> <exit status>`; the second what Docker knew beside it. */
export async function writeEnd(folder: string, attempt: number, end: ContainerEnd): Promise<void> {
  const draft = join(folder, `${EXIT}.${randomBytes(6).toString('hex')}`);
  const { exitCode, ...rest } = end;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(`${attempt} ${exitCode}\n${JSON.stringify(rest)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(folder, EXIT));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export async function readEnd(folder: string, attempt: number): Promise<ContainerEnd | null> {
  const content = await readSmallFile(join(folder, EXIT));
  const record = /^(\d+) (\d+)\n(.*)$/s.exec(Buffer.from(content ?? '', 'latin1').toString('utf8'));
  if (!record || Number(record[1]) !== attempt) return null;
  return { exitCode: Number(record[2]), ...(JSON.parse(record[3]) as Omit<ContainerEnd, 'exitCode'>) };
}
