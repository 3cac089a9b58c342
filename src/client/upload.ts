import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokenError, isPassing, type Connection } from './connection';
import { ClientError, EXIT, RefusedError } from './failures';
import type { LocalFile } from './local-files';

/** What is done where a name is taken. */
export type OnConflict = 'ask' | 'skip' | 'keepBoth' | 'replace';

/** What became of one file. */
export interface UploadOutcome {
  file: string;
  /** Where it lies in the project. */
  path: string;
  size: number;
  outcome: 'stored' | 'renamed' | 'replaced' | 'skipped' | 'present';
  /** Bytes that had arrived before. */
  resumedFrom: number;
  /** How often the connection broke and it went on. */
  breaks: number;
}

/** An upload of which a part has arrived. */
export interface Unfinished {
  id: string;
  path: string;
  size: number;
  modifiedMs: number | null;
}

export interface UploadOrder {
  projectId: string;
  /** Address of the folder in the project; '' for the project itself. */
  folder: string;
  onConflict: OnConflict;
  unfinished: readonly Unfinished[];
  progress: (name: string, done: number, whole: number) => void;
  /** Told when the connection broke and it goes on. */
  broke: (name: string, at: number) => void;
}

const TUS = { 'tus-resumable': '1.0.0' };
/** So often in a row nothing may arrive before it is given up. */
const MOST_FRUITLESS = 12;
const LONGEST_PAUSE_MS = 15_000;

/** Sends one file, and goes on where an earlier try, or an earlier command, stopped. */
export async function upload(connection: Connection, file: LocalFile, order: UploadOrder): Promise<UploadOutcome> {
  const path = order.folder === '' ? file.target : `${order.folder}/${file.target}`;
  const known = order.unfinished.find((one) => one.path === path && one.size === file.size && one.modifiedMs === file.modifiedMs);
  const told = { file: file.path, path, size: file.size };
  const begun = known ? { address: `/projects/${order.projectId}/uploads/${known.id}` } : await announce(connection, file, order, path);
  if ('done' in begun) return { ...told, ...begun.done, resumedFrom: 0, breaks: 0 };
  return { ...told, ...(await sendAll(connection, file, { address: begun.address, isNew: !known }, order, path)) };
}

type Done = Pick<UploadOutcome, 'outcome' | 'path'>;

/** @returns the address to send to; what became of it where there is nothing to send. */
async function announce(
  connection: Connection,
  file: LocalFile,
  order: UploadOrder,
  path: string,
): Promise<{ address: string } | { done: Done }> {
  const key = randomBytes(24).toString('base64url');
  const { onConflict, folder, projectId } = order;
  const metadata = { relativePath: file.target, folder, onConflict, modified: String(file.modifiedMs), key };
  const headers = { ...TUS, 'upload-length': String(file.size), 'upload-metadata': encodePairs(metadata), 'content-length': '0' };
  try {
    // Asked for twice under the same key it is one upload.
    const { headers: answered } = await connection.patiently(() => connection.ask('POST', `/projects/${projectId}/uploads`, { headers }));
    const done = doneIn(answered, path);
    return done ? { done } : { address: String(answered.location) };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    if (error.problem.code === 'uploads.skipped') return { done: { outcome: 'skipped', path } };
    if (error.problem.code === 'uploads.exists' && (await isPresent(connection, projectId, path, file.size)))
      return { done: { outcome: 'present', path } };
    if (error.problem.code !== 'uploads.exists') throw error;
    throw new ClientError(`${path} is there already, with another content. Say --skip, --replace or --keep-both.`, EXIT.data);
  }
}

/** Whether a file of that name and size lies there: an earlier command has sent it. */
async function isPresent(connection: Connection, projectId: string, path: string, size: number): Promise<boolean> {
  const address = path.split('/').map(encodeURIComponent).join('/');
  const { headers } = await connection.patiently(() => connection.ask('HEAD', `/projects/${projectId}/content/${address}`));
  return Number(headers['content-length']) === size;
}

async function sendAll(
  connection: Connection,
  file: LocalFile,
  { address, isNew }: { address: string; isNew: boolean },
  order: UploadOrder,
  path: string,
): Promise<Done & Pick<UploadOutcome, 'resumedFrom' | 'breaks'>> {
  let first: number | undefined;
  let last = -1;
  let fruitless = 0;
  let breaks = 0;
  for (let isFirst = isNew; ; isFirst = false) {
    try {
      const offset = isFirst ? 0 : await arrived(connection, address);
      first ??= offset;
      fruitless = offset > last ? 0 : fruitless + 1;
      last = offset;
      const done = await sendRest(connection, { file, address, offset }, order, path);
      if (done) return { ...done, resumedFrom: first, breaks };
    } catch (error) {
      // It says itself how long it takes, and nothing is wrong with what was sent.
      if (await connection.waitFor(error)) {
        last = -1;
        continue;
      }
      if (!isPassing(error) && !(error instanceof RefusedError && error.problem.status === 409)) throw error;
      if (!(error instanceof BrokenError)) fruitless += 1;
      if (fruitless >= MOST_FRUITLESS) throw error;
      order.broke(file.target, Math.max(0, last));
    }
    breaks += 1;
    await sleep(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** fruitless));
  }
}

async function arrived(connection: Connection, address: string): Promise<number> {
  const { headers } = await connection.patiently(() => connection.ask('HEAD', address, { headers: TUS }));
  return Number(headers['upload-offset']);
}

async function sendRest(
  connection: Connection,
  { file, address, offset }: { file: LocalFile; address: string; offset: number },
  order: UploadOrder,
  path: string,
): Promise<Done | null> {
  let sent = offset;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      sent += chunk.length;
      order.progress(file.target, sent, file.size);
      next(null, chunk);
    },
  });
  const content = createReadStream(file.path, { start: offset, end: Math.max(offset, file.size - 1), highWaterMark: 256 * 1024 });
  content.on('error', (error) => counted.destroy(error));
  counted.on('close', () => content.destroy());
  const rest = file.size - offset;
  const headers = {
    ...TUS,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
    'content-length': String(rest),
  };
  const asked = rest === 0 ? { headers } : { headers, stream: content.pipe(counted) };
  if (rest === 0) content.destroy();
  const { headers: answered } = await connection.ask('PATCH', address, asked);
  return doneIn(answered, path);
}

function doneIn(headers: NodeJS.Dict<string | string[]>, path: string): Done | null {
  const outcome = headers['upload-outcome'];
  if (typeof outcome !== 'string') return null;
  const stored = headers['upload-stored-as'];
  return {
    outcome: outcome as UploadOutcome['outcome'],
    path: typeof stored === 'string' && stored !== '' ? decodeURIComponent(stored) : path,
  };
}

function encodePairs(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}
