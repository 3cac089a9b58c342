import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokenError, isPassing, problemOf, textOf, type Connection } from './connection';
import { ClientError, EXIT, RefusedError } from './failures';

export interface DownloadOrder {
  /** Below `/api/v1`. */
  address: string;
  /** Where it goes on this machine. */
  target: string;
  progress: (name: string, done: number, whole: number) => void;
}

export interface Downloaded {
  file: string;
  size: number;
  outcome: 'stored' | 'present';
  resumedFrom: number;
}

const MOST_FRUITLESS = 10;

/**
 * Takes one file. It has its name when all of it is there; until then a part lies beside it with what tells its version, so that the
 * same command goes on where it stopped.
 */
export async function download(connection: Connection, order: DownloadOrder): Promise<Downloaded> {
  const { target } = order;
  if (existsSync(target)) return present(connection, order);
  makeFolder(dirname(target));
  const from = sizeOf(`${target}.part`);
  let fruitless = 0;
  for (let last = from; ;) {
    try {
      const size = await takeRest(connection, order);
      renameSync(`${target}.part`, target);
      rmSync(`${target}.part-of`, { force: true });
      return { file: target, size, outcome: 'stored', resumedFrom: from };
    } catch (error) {
      const now = sizeOf(`${target}.part`);
      fruitless = now > last ? 0 : fruitless + 1;
      last = now;
      // It says itself how long it takes, and nothing is wrong with what was taken.
      if (await connection.waitFor(error)) {
        fruitless = 0;
        continue;
      }
      if (!isPassing(error) || fruitless >= MOST_FRUITLESS) throw error;
      await sleep(100 * 2 ** fruitless);
    }
  }
}

/** @throws ClientError for another file of that name: nothing of this machine is overwritten. */
async function present(connection: Connection, { address, target }: DownloadOrder): Promise<Downloaded> {
  const { headers } = await connection.patiently(() => connection.ask('HEAD', address));
  const size = Number(headers['content-length']);
  if (sizeOf(target) === size) return { file: target, size, outcome: 'present', resumedFrom: 0 };
  throw new ClientError(
    `${target} is there already, with another content. Move it away, or take it into another folder (--to).`,
    EXIT.files,
  );
}

async function takeRest(connection: Connection, { address, target, progress }: DownloadOrder): Promise<number> {
  const part = `${target}.part`;
  const etag = existsSync(`${part}-of`) ? readFileSync(`${part}-of`, 'utf8') : '';
  const from = etag === '' ? 0 : sizeOf(part);
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-`, 'if-range': etag } : {};
  const response = await connection.open('GET', address, { headers });
  const { statusCode: status = 0 } = response;
  // All of it had arrived.
  if (status === 416) {
    response.resume();
    return from;
  }
  if (status >= 400) throw new RefusedError(problemOf(status, await textOf(response), response.headers));
  const begin = status === 206 ? from : 0;
  writeFileSync(`${part}-of`, response.headers.etag ?? '');
  const whole = begin + Number(response.headers['content-length'] ?? 0);
  let done = begin;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      progress(target, done, whole);
      next(null, chunk);
    },
  });
  const output = createWriteStream(part, begin > 0 ? { flags: 'r+', start: begin } : {});
  await pipeline(response, counted, output).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOSPC' || error.code === 'EACCES') throw new ClientError(`${part} cannot be written (${error.code}).`, EXIT.files);
    throw new BrokenError(connection.site, error);
  });
  return whole;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new ClientError(`${path} cannot be made (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, EXIT.files);
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
