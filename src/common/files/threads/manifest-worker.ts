/**
 * A thread that writes down what a tree holds, for an archive of it: started by `TreeManifests`, it answers `ManifestQuestion` with
 * `ManifestAnswer` and writes the list itself into a file, because it may be longer than memory. Threads share the open handles of their
 * process, so it goes on from the folder that was walked to, through `/proc/self/fd`, opens folder after folder and follows no link.
 * Within each folder the order is that of the bytes of the names: two lists of the same tree are equal. Names are bytes, carried as latin1
 * text. It imports nothing of ours, so that it starts in a blink. `ManifestReader` reads what `Output.add` writes.
 */
import { accessSync, closeSync, constants, lstatSync, opendirSync, openSync, writeSync, type BigIntStats } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export interface ManifestQuestion {
  id: number;
  /** Open folder; stays open until the answer. */
  fd: number;
  /** What is wanted of the folder; null: all of it, with the folder itself. */
  names: string[] | null;
  /** Name of the folder itself in the archive, where all of it is wanted. */
  top: string;
  /** File that the list is written to. */
  output: number;
}

export interface ManifestAnswer {
  id: number;
  /** Code of the system where the tree could not be read. */
  error: string | null;
}

/** Numbers of the kinds, as `ManifestReader` knows them. */
const FILE = 1;
const FOLDER = 2;
const LINK = 3;
const SPECIAL = 4;
const HARD_LINK = 5;
const UNREADABLE = 6;
const TOO_DEEP = 7;

const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const DEEPEST = 200;
const HEAD_BYTES = 33;
const PIECE_BYTES = 1024 * 1024;
const MOST_RECORD_BYTES = HEAD_BYTES + 2 * 65_535;
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
/** What would make a path of another kind, or an unreadable one, on the computer where the archive is unpacked. */
const UNFIT_TEXT = /[\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
// oxlint-disable-next-line no-control-regex
const UNFIT_BYTES = /[\\\u0000-\u001f\u007f]/g;

class Output {
  private readonly piece = Buffer.alloc(PIECE_BYTES + MOST_RECORD_BYTES);
  private used = 0;
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** @param path on the disk, below the folder. @param name in the archive. */
  add(kind: number, stats: BigIntStats | null, path: string, name: string): void {
    const at = this.used;
    this.piece.writeUInt8(kind, at);
    this.piece.writeUInt32LE(Number(stats?.mode ?? 0n), at + 1);
    this.piece.writeBigUInt64LE(kind === FILE ? (stats?.size ?? 0n) : 0n, at + 5);
    this.piece.writeBigInt64LE(stats?.mtimeNs ?? 0n, at + 13);
    this.piece.writeBigUInt64LE(stats?.ino ?? 0n, at + 21);
    this.piece.writeUInt16LE(path.length, at + 29);
    this.piece.writeUInt16LE(name.length, at + 31);
    this.piece.write(path, at + HEAD_BYTES, 'latin1');
    this.piece.write(name, at + HEAD_BYTES + path.length, 'latin1');
    this.used += HEAD_BYTES + path.length + name.length;
    if (this.used >= PIECE_BYTES) this.flush();
  }

  flush(): void {
    for (let written = 0; written < this.used;) written += writeSync(this.fd, this.piece, written, this.used - written);
    this.used = 0;
  }
}

/** A folder on the way: open, where it is on the disk, and what it is called in the archive; both with a slash, unless empty. */
interface Place {
  fd: number;
  path: string;
  name: string;
  depth: number;
}

function visit(place: Place, names: readonly string[], output: Output): void {
  const folders: { name: string; given: string }[] = [];
  const given = givenNames(names);
  for (const name of names) {
    const fit = given.get(name) ?? name;
    const stats = lstatSync(pathOf(place.fd, name), { throwIfNoEntry: false, bigint: true });
    // Gone since its name was read.
    if (!stats) continue;
    const kind = kindOf(place, name, stats);
    if (kind === FOLDER) folders.push({ name, given: fit });
    else output.add(kind, stats, place.path + name, place.name + fit);
  }
  for (const { name, given: fit } of folders) descend(place, name, fit, output);
}

function kindOf(place: Place, name: string, stats: BigIntStats): number {
  if (stats.isDirectory()) return place.depth < DEEPEST ? FOLDER : TOO_DEEP;
  if (stats.isSymbolicLink()) return LINK;
  if (!stats.isFile()) return SPECIAL;
  if (stats.nlink > 1n) return HARD_LINK;
  try {
    accessSync(pathOf(place.fd, name), constants.R_OK);
    return FILE;
  } catch {
    return UNREADABLE;
  }
}

function descend(place: Place, name: string, given: string, output: Output): void {
  const [path, archived] = [place.path + name, place.name + given];
  let fd: number;
  try {
    fd = openSync(pathOf(place.fd, name), OPEN_FOLDER);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EACCES' || code === 'EPERM') return output.add(UNREADABLE, null, path, archived);
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return;
    throw error;
  }
  try {
    const stats = lstatSync(`/proc/self/fd/${fd}/.`, { bigint: true });
    output.add(FOLDER, stats, `${path}/`, `${archived}/`);
    visit({ fd, path: `${path}/`, name: `${archived}/`, depth: place.depth + 1 }, namesIn(fd), output);
  } finally {
    closeSync(fd);
  }
}

function namesIn(fd: number): string[] {
  const names: string[] = [];
  const folder = opendirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1', bufferSize: 4096 });
  try {
    for (let item = folder.readSync(); item !== null; item = folder.readSync()) names.push(item.name);
  } finally {
    folder.closeSync();
  }
  return names.sort(byBytes);
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Names in the archive of those that cannot keep theirs; never one that another has. */
function givenNames(names: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const unfit = names.filter((name) => fitName(name) !== name);
  if (unfit.length === 0) return given;
  const taken = new Set(names);
  for (const name of unfit) {
    let fit = fitName(name);
    while (taken.has(fit)) fit += '_';
    taken.add(fit);
    given.set(name, fit);
  }
  return given;
}

function fitName(name: string): string {
  if (ASCII.test(name)) return name.replace(UNFIT_BYTES, '_');
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return name.replace(UNFIT_BYTES, '_');
  return Buffer.from(text.replace(UNFIT_TEXT, '_'), 'utf8').toString('latin1');
}

function pathOf(fd: number, name: string): string | Buffer {
  const path = `/proc/self/fd/${fd}/${name}`;
  return ASCII.test(name) ? path : Buffer.from(path, 'latin1');
}

function answer({ id, fd, names, top, output: outputFd }: ManifestQuestion): ManifestAnswer {
  const output = new Output(outputFd);
  if (names === null) output.add(FOLDER, lstatSync(`/proc/self/fd/${fd}/.`, { bigint: true }), '', `${top}/`);
  const place = { fd, path: '', name: names === null ? `${top}/` : '', depth: 0 };
  visit(place, names === null ? namesIn(fd) : names.toSorted(byBytes), output);
  output.flush();
  return { id, error: null };
}

parentPort?.on('message', (question: ManifestQuestion) => {
  try {
    parentPort?.postMessage(answer(question), []);
  } catch (error) {
    parentPort?.postMessage({ id: question.id, error: (error as NodeJS.ErrnoException).code ?? String(error) }, []);
  }
});
