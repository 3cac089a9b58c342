import { access, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reserveWord, sayWord } from './reserved-word';
import type { LimitInForce, LimitRecord } from './resource-limits';
import type { Identity } from './supervisor-lane';

/** Room for the exit record, taken while there is some. */
const RESERVED = Buffer.alloc(512, ' ');

/** The control files of one attempt of a local process, as `supervise.sh` and the executor leave them. */
export class AttemptFiles {
  constructor(readonly folder: string) {}

  /** Before anything begins, so that a full disk still has room for the word to end, and for the end. */
  async reserveRecords(): Promise<void> {
    await Promise.all([writeFile(this.path('exit'), RESERVED), reserveWord(this.folder, 'asked')]);
  }

  /** Puts the exit record on the disk. */
  async secureExitRecord(): Promise<void> {
    const file = await open(this.path('exit'), 'r');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** The exit status that the attempt left; null while there is none. Only a whole line counts: it may be in the act of being written. */
  async exitCode(attempt: number): Promise<number | null> {
    const record = /^(\d+) (\d+)\n/.exec(await this.read('exit'));
    return record && Number(record[1]) === attempt ? Number(record[2]) : null;
  }

  /** Whether the start-once marker says that the program was let go. */
  async wasLetGo(): Promise<boolean> {
    return (await this.read('started')) === 'go';
  }

  /** Lays the start-once marker so that nothing can begin any more. @returns false when it has begun. */
  async seal(): Promise<boolean> {
    try {
      await (await open(this.path('started'), 'wx')).close();
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Without a folder there is nothing that could start.
      if (code === 'ENOENT') return true;
      if (code !== 'EEXIST') throw error;
    }
    return !(await this.wasLetGo());
  }

  /** Marks an execution that was asked to stop, so that a success before that is told from an answer to it. */
  markAsked(): Promise<void> {
    return sayWord(this.folder, 'asked');
  }

  wasAsked(): Promise<boolean> {
    return exists(this.path('asked'));
  }

  /** The first process of the program; null when it is not known. */
  async payload(): Promise<Identity | null> {
    const [, pid, startTicks] = /^(\d+) (\d+)\n/.exec(await this.read('payload')) ?? [];
    return pid === undefined || startTicks === undefined ? null : { pid: Number(pid), startTicks };
  }

  /** Keeps what the control group will not tell any more once it is removed. */
  async noteOutOfMemory(): Promise<void> {
    await writeFile(this.path('memory'), 'used up\n');
  }

  hasOutOfMemory(): Promise<boolean> {
    return exists(this.path('memory'));
  }

  async writeLimits(record: LimitRecord): Promise<void> {
    await writeFile(this.path('limits.json'), JSON.stringify(record));
  }

  /** Nothing in force where nothing was set, or where what lies there cannot be read: a power cut leaves zeros, and a program may write anything. */
  async limits(): Promise<LimitRecord> {
    const { inForce, groups } = parsed(await this.read('limits.json'));
    return { inForce: Array.isArray(inForce) ? inForce.filter(isLimit) : [], groups: Array.isArray(groups) ? groups.filter(isWord) : [] };
  }

  /** '' for what is not there. */
  private async read(name: string): Promise<string> {
    try {
      return await readFile(this.path(name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

function parsed(json: string): { [Name in keyof LimitRecord]?: unknown } {
  try {
    return (JSON.parse(json) as object | null) ?? {};
  } catch {
    return {};
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string';
}

function isLimit(value: unknown): value is LimitInForce {
  const { name, amount } = (value ?? {}) as Partial<LimitInForce>;
  return isWord(name) && typeof amount === 'number';
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
