import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';

/** A project that was begun: all that is needed to go on, or to go back, without looking at the older system again. */
export interface ProjectRecord {
  /** Of the project here. */
  id: string;
  ownerId: string;
  name: string;
  /** Folder of all owners there, and the names below it in base64. */
  root: string;
  owner: string;
  folder: string;
  inode: number;
  createdMs: number;
  changedMs: number;
  /** Inode of what lay where results go here; null: nothing did. */
  inTheWay: number | null;
  /** Names, in base64, of what the last run had left. */
  results: string[];
  resultsMs: { newest: number; oldest: number } | null;
  /** Old number of the run that left them; null: not known. */
  resultsOf: string | null;
}

type Entry =
  | { what: 'person'; source: string; key: string; id: string }
  | { what: 'person made'; source: string; key: string }
  | ({ what: 'project' } & ProjectRecord)
  /** What a run left lies in its folder now, and where that run stands here. */
  | { what: 'results'; project: string; runId: number }
  /** A row of the queue is a run here; of ScriptRunner `project` is its database. */
  | { what: 'job'; project: string; key: string }
  /** The name that something in the way has got, in base64. */
  | { what: 'aside'; project: string; name: string }
  | { what: 'project done'; id: string }
  | { what: 'project undone'; id: string }
  /** What somebody's files take was counted anew. */
  | { what: 'measured'; owner: string };

const FOLDER = 'take-over';
const FILE = 'journal.jsonl';

/** What was noted so far, to be asked. Each answer is found at once, however much was noted. */
export class JournalView {
  private readonly people = new Map<string, string>();
  private readonly peopleMade = new Set<string>();
  private readonly begun = new Map<string, ProjectRecord>();
  private readonly done = new Set<string>();
  private readonly changedOwners = new Set<string>();
  private readonly jobs = new Set<string>();
  private readonly resultsRuns = new Map<string, number>();
  private readonly asides = new Map<string, string>();

  protected constructor(entries: readonly Entry[]) {
    for (const entry of entries) this.take(entry);
  }

  /** Nothing is made, locked or mended by it. */
  static read(dataFolder: string): JournalView {
    const path = join(dataFolder, FOLDER, FILE);
    return new JournalView(existsSync(path) ? entriesIn(readFileSync(path, 'utf8')) : []);
  }

  /** Account that was chosen for somebody; null: none yet. */
  personId(source: string, key: string): string | null {
    return this.people.get(pair(source, key)) ?? null;
  }

  isPersonMade(source: string, key: string): boolean {
    return this.peopleMade.has(pair(source, key));
  }

  /** All that were begun and not undone, in their order. */
  projects(): ProjectRecord[] {
    return [...this.begun.values()];
  }

  isDone(id: string): boolean {
    return this.done.has(id);
  }

  /** Those with whom something has changed since that was counted. */
  unmeasured(): string[] {
    return [...this.changedOwners];
  }

  isJobTaken(project: string, key: string): boolean {
    return this.jobs.has(pair(project, key));
  }

  resultsRun(project: string): number | null {
    return this.resultsRuns.get(project) ?? null;
  }

  /** In base64. */
  aside(project: string): string | null {
    return this.asides.get(project) ?? null;
  }

  protected take(entry: Entry): void {
    if (entry.what === 'person') this.people.set(pair(entry.source, entry.key), entry.id);
    else if (entry.what === 'person made') this.peopleMade.add(pair(entry.source, entry.key));
    else if (entry.what === 'project') this.begun.set(entry.id, entry);
    else if (entry.what === 'results') this.resultsRuns.set(entry.project, entry.runId);
    else if (entry.what === 'job') this.jobs.add(pair(entry.project, entry.key));
    else if (entry.what === 'aside') this.asides.set(entry.project, entry.name);
    else if (entry.what === 'measured') this.changedOwners.delete(entry.owner);
    else this.takeEnd(entry);
  }

  private takeEnd({ what, id }: { what: 'project done' | 'project undone'; id: string }): void {
    const owner = this.begun.get(id)?.ownerId;
    if (owner !== undefined) this.changedOwners.add(owner);
    if (what === 'project done') this.done.add(id);
    else this.begun.delete(id);
  }
}

function pair(one: string, other: string): string {
  return JSON.stringify([one, other]);
}

/**
 * What is about to be done, one line each, on the disk before it is done: whatever kills a take-over, the next one knows how far it came.
 * Lines are only added.
 */
export class Journal extends JournalView {
  private constructor(
    entries: Entry[],
    private readonly file: number,
    private readonly lock: string,
  ) {
    super(entries);
  }

  /** @throws StartupError while another take-over writes it. */
  static open(dataFolder: string): Journal {
    const folder = join(dataFolder, FOLDER);
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    const lock = join(folder, 'lock');
    takeLock(lock);
    const file = openSync(join(folder, FILE), 'a+', 0o640);
    writeNames(folder);
    const text = readFileSync(file, 'utf8');
    const whole = wholeLines(text);
    if (whole.length < text.length) ftruncateSync(file, Buffer.byteLength(whole));
    return new Journal(entriesIn(whole), file, lock);
  }

  close(): void {
    closeSync(this.file);
    rmSync(this.lock, { force: true });
  }

  add(entry: Entry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.file);
    this.take(entry);
  }
}

/** A line without an end was being written when the process died, and nothing was done on the strength of it. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function entriesIn(text: string): Entry[] {
  return wholeLines(text)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
}

/** A file whose name is not on the disk is lost with the power, whatever is written into it. */
function writeNames(folder: string): void {
  const names = openSync(folder, 'r');
  try {
    fsyncSync(names);
  } finally {
    closeSync(names);
  }
}

function takeLock(path: string): void {
  for (const isLast of [false, true]) {
    try {
      return writeFileSync(path, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(path, 'utf8'));
      if (isLast || isAlive(holder))
        throw new StartupError(
          `Another take-over is under way (process ${holder}). Wait for its end. If that process is none, remove ${path}.`,
          EXIT_DATA,
        );
      rmSync(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid > 0 && pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
