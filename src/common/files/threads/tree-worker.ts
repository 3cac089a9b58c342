/**
 * A thread that walks whole trees: started by `TreeReader`, it answers `TreeQuestion` with `TreeAnswer`. Threads share the open handles
 * of their process, so it goes on from the folder that was walked to, through `/proc/self/fd`, opens folder after folder and follows no
 * link. Names are bytes, carried as latin1 text. It imports nothing of ours, so that it starts in a blink.
 */
import { closeSync, constants, lstatSync, opendirSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export interface TreeQuestion {
  id: number;
  /** Open folder; stays open until the answer. */
  fd: number;
  /** Files are counted and measured, or the names of the first so many are listed. */
  want: 'amount' | 'names';
  /** Names at most. */
  most: number;
  /** Name of a folder directly in this one that is left out; '' for none. */
  skip: string;
}

export interface TreeAnswer {
  id: number;
  files: number;
  bytes: number;
  names: string[];
  /** Code of the system where the tree could not be read. */
  error: string | null;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const DEEPEST = 200;
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

function walk(fd: number, question: TreeQuestion, answer: TreeAnswer, depth: number): void {
  const folders: string[] = [];
  const folder = opendirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1', bufferSize: 4096 });
  try {
    for (let item = folder.readSync(); item !== null && !isEnough(question, answer); item = folder.readSync()) {
      if (item.isDirectory()) folders.push(item.name);
      else if (item.isFile()) count(fd, item.name, question, answer);
    }
  } finally {
    folder.closeSync();
  }
  if (depth === DEEPEST) return;
  for (const name of folders) {
    if (isEnough(question, answer)) return;
    if (depth === 0 && name === question.skip) continue;
    descend(fd, name, (below) => walk(below, question, answer, depth + 1));
  }
}

function isEnough({ want, most }: TreeQuestion, { names }: TreeAnswer): boolean {
  return want === 'names' && names.length >= most;
}

function count(fd: number, name: string, { want }: TreeQuestion, answer: TreeAnswer): void {
  if (want === 'names') {
    answer.names.push(name);
    return;
  }
  const stats = lstatSync(pathOf(fd, name), { throwIfNoEntry: false });
  if (!stats?.isFile()) return;
  answer.files += 1;
  answer.bytes += stats.size;
}

/** What vanished, or became something else, since its name was read is passed over. */
function descend(fd: number, name: string, work: (below: number) => void): void {
  let below: number;
  try {
    below = openSync(pathOf(fd, name), FOLDER);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    throw error;
  }
  try {
    work(below);
  } finally {
    closeSync(below);
  }
}

function pathOf(fd: number, name: string): string | Buffer {
  const path = `/proc/self/fd/${fd}/${name}`;
  return ASCII.test(name) ? path : Buffer.from(path, 'latin1');
}

parentPort?.on('message', (question: TreeQuestion) => {
  const answer: TreeAnswer = { id: question.id, files: 0, bytes: 0, names: [], error: null };
  try {
    walk(question.fd, question, answer, 0);
  } catch (error) {
    answer.error = (error as NodeJS.ErrnoException).code ?? String(error);
  }
  parentPort?.postMessage(answer, []);
});
