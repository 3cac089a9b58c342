import { access, link, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttemptFiles } from '../attempt-files';
import { readSmallFile } from '../process-table';
import { reserveWord, sayWord } from '../reserved-word';

/** Room for the exit record, taken while there is some. */
const RESERVED = Buffer.alloc(512, ' ');
const TAIL_BYTES = 4096;
const MIB = 1024 * 1024;

/** What is to run, as `job.sh` gets it. */
export interface JobProgram {
  argv: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  cutNote: string;
}

/** `began`: the program was started, by that job; `sealed`: it never will be; `open`: neither yet. */
export type Marker = { state: 'began'; jobId: string | null } | { state: 'sealed' } | { state: 'open' };

/** The control files of one attempt on the shared file system: what counts as the truth about it. */
export class JobFiles {
  private readonly limits: AttemptFiles;

  constructor(
    private readonly folder: string,
    private readonly attempt: number,
  ) {
    this.limits = new AttemptFiles(folder);
  }

  /** Lays down the program, and room for its exit record and for the word to end. */
  async lay(program: JobProgram): Promise<void> {
    await Promise.all([writeFile(this.path('exit.tmp'), RESERVED), reserveWord(this.folder, 'asked')]);
    await writeFile(this.path('program'), programText(program), { mode: 0o600 });
  }

  /** Writes down what the cluster is asked to hold it to, for its page and for the word on its end. @param memory in MiB; 0: not told. */
  async layLimits(memory: number): Promise<void> {
    if (memory > 0) await this.limits.writeLimits({ inForce: [{ name: 'memoryBytes', amount: memory * MIB, by: 'Slurm' }], groups: [] });
  }

  /** Bytes that it may take; null where that was not told. */
  async memoryLimit(): Promise<number | null> {
    const { inForce } = await this.limits.limits();
    return inForce.find(({ name }) => name === 'memoryBytes')?.amount ?? null;
  }

  /** Whether this call is the first that may submit a job for this attempt. */
  async claimSubmission(): Promise<boolean> {
    return this.createNew('submitted');
  }

  /** The exit status of the program; null while there is no record of this attempt. */
  async exitCode(): Promise<number | null> {
    const record = /^(\d+) (\d+)$/.exec((await readSmallFile(this.path('exit'))) ?? '');
    return record && Number(record[1]) === this.attempt ? Number(record[2]) : null;
  }

  /** Asks the file system anew for what lies there: NFS may remember for a while that a file was missing. */
  async refresh(): Promise<void> {
    await readdir(this.folder).catch(() => undefined);
  }

  async marker(): Promise<Marker> {
    let content: string;
    try {
      content = await readFile(this.path('started'), 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'open' };
      throw error;
    }
    const began = /^go ?(\d*)/.exec(content);
    return began ? { state: 'began', jobId: began[1] || null } : { state: 'sealed' };
  }

  /** Forbids the start of this attempt for ever. @returns false when it had begun. */
  async seal(): Promise<boolean> {
    // What is decided needs no file, which a full disk would refuse.
    const { state } = await this.marker();
    if (state !== 'open') return state === 'sealed';
    const seal = this.path(`seal.${process.pid}.${Math.random().toString(36).slice(2)}`);
    try {
      // A link, like that of the job: an answer that was lost on the way is no matter, the marker tells.
      await writeFile(seal, '', { flag: 'wx' });
      await link(seal, this.path('started')).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    } catch (error) {
      // Without a folder there is nothing that could start.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw error;
    } finally {
      await rm(seal, { force: true });
    }
    return (await this.marker()).state === 'sealed';
  }

  /** Leaves word for every later runner. `releaseAsked`: the job may run, and Slurm is being told. */
  note(word: 'asked' | 'releaseAsked'): Promise<void> {
    return sayWord(this.folder, word);
  }

  async has(word: 'asked' | 'releaseAsked'): Promise<boolean> {
    return access(this.path(word)).then(
      () => true,
      () => false,
    );
  }

  /** The end of the log, where Slurm writes why it killed a job. */
  async lastWords(): Promise<string> {
    const file = await open(this.path('log')).catch(() => null);
    if (!file) return '';
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  private async createNew(name: string): Promise<boolean> {
    try {
      await (await open(this.path(name), 'wx')).close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}

/**
 * The file that `job.sh` reads. Within single quotes a POSIX shell knows no special character but the quote itself, so every word arrives
 * byte for byte, whatever is in it. The variables are set where the program starts and not before: what a pipeline says of PATH, or of a
 * name that the script uses itself, is for its program alone.
 */
export function programText({ argv, cwd, env, cutNote }: JobProgram): string {
  const variables = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not the name of a variable: ${name}`);
    return `export ${name}=${quoted(value)}`;
  });
  const become = ['become() {', ...variables, 'exec "$@"', '}'];
  return [`cwd=${quoted(cwd)}`, `cut_note=${quoted(cutNote)}`, ...become, `set -- ${argv.map(quoted).join(' ')}`, ''].join('\n');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
