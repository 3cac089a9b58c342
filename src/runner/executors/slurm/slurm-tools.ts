import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { StartupError } from '../../../common/errors';
import { text } from '../../../locales/text';
import { PrepareError } from '../executor';
import { runTool, type ToolAnswer } from '../tool';
import { parseAccounts, parseJobs, SACCT_FIELDS, squeueFormat, type JobIdentity, type SlurmJob } from './slurm-job';

/** The cluster did not answer, or not in a way that proves anything. What was asked of it may have been done. */
export class ClusterAwayError extends Error {}

const TOOLS = ['sbatch', 'squeue', 'scontrol', 'scancel'] as const;
type Tool = (typeof TOOLS)[number] | 'sacct';

/** squeue alone takes up to 20 s to see that nobody answers. */
const WITHIN_MS = 40_000;
/** Calls at the same time: a controller that answers a hundred at once answers nobody. */
const MOST_CALLS = 4;
const JOB_SCRIPT = join(__dirname, 'job.sh');

/** Errors of transport and of a controller that is not itself; with these the outcome is open, whatever the exit status says. */
const AWAY =
  /unable to contact|socket timed out|connection (refused|failure|reset|timed out)|communication|zero bytes|temporarily unable|resource temporarily|munge|authentication|protocol|not responding|controller.*(down|standby)|slurm_receive|slurm_send|persist|try again|unexpected message|backup controller|unknown host|lookup failed|failed to fetch config|could not establish|unable to (resolve|establish)|name or service not known|name resolution/i;
/** What no repetition changes: it lies in the job or in the pipeline. */
const HOPELESS =
  /invalid|unrecognized|not permitted|more processors requested|node configuration is not available|can not be satisfied|cannot be satisfied|violates|not a valid|ambiguous|requires an argument|illegal|unknown/i;
/** Limits on jobs that wait end by themselves. */
const PASSING = /submit limit|maximum number of jobs|QOSMaxSubmit|AssocMaxSubmit/i;
const UNKNOWN_JOB = /invalid job id/i;
const FAULT = /error|invalid|fail|denied|unable/i;

/** Calls the command-line tools of Slurm and reads their answers. An exit status alone is never believed: some tools end with 0 and an error. */
@Injectable()
export class SlurmTools {
  private calls = 0;
  private readonly queue: (() => void)[] = [];
  private readonly owner = String(process.getuid?.() ?? 0);
  private hasAccounting: boolean | null = null;

  constructor(private readonly config: AppConfig) {}

  /** @throws StartupError when a tool is missing. */
  async check(): Promise<void> {
    for (const tool of TOOLS) {
      const { code, spawnFailure, stderr } = await this.call(tool, ['--version']);
      if (code !== 0) throw new StartupError(text('slurm.toolMissing', { tool, reason: spawnFailure ?? lineOf(stderr) }));
    }
  }

  /** @throws ClusterAwayError when no controller answers. */
  async ping(): Promise<void> {
    const answer = await this.ask('scontrol', ['ping']);
    if (!/\bis UP\b/.test(answer.stdout)) throw new ClusterAwayError(lineOf(answer.stdout || answer.stderr));
  }

  /**
   * Hands in a held job.
   * @returns its id as Slurm says it.
   * @throws PrepareError when it was refused for good; ClusterAwayError when it may or may not have been taken.
   */
  async submit(options: readonly string[], folder: string, attempt: number): Promise<string> {
    const blocks = String(Math.max(1, Math.floor(this.config.settings.MAX_LOG / 512)));
    const { code, stdout, stderr } = await this.ask('sbatch', [...options, JOB_SCRIPT, folder, String(attempt), blocks]);
    const id = /^(\d+)(;[^\n]*)?$/.exec(stdout.trim())?.[1];
    if (id !== undefined && code === 0) return id;
    const reason = lineOf(stderr) || lineOf(stdout);
    if (code === 0 || id !== undefined || !FAULT.test(`${stderr}${stdout}`)) throw new ClusterAwayError(text('slurm.unclear', { reason }));
    // What sbatch says before its last word may be about anything.
    const refusal = /Batch job submission failed: (.*)/.exec(stderr)?.[1] ?? stderr;
    if (HOPELESS.test(refusal) && !PASSING.test(stderr)) throw new PrepareError(text('slurm.refused', { reason }));
    throw new Error(text('slurm.refused', { reason }));
  }

  /** Lets held jobs of that name go. Repeating it is harmless. @returns whether Slurm has said that it did. */
  async release({ name }: Pick<JobIdentity, 'name'>): Promise<boolean> {
    const { code, stderr } = await this.ask('scontrol', ['release', `jobname=${name}`]);
    return code === 0 && stderr.trim() === '';
  }

  /** Sends a signal to a job's program, or ends the job in any phase. By its name: the id may be another's by now. */
  async cancel({ name }: Pick<JobIdentity, 'name'>, signal?: 'TERM'): Promise<void> {
    const words = signal === undefined ? [] : [`--signal=${signal}`, '--full'];
    await this.ask('scancel', ['--quiet', ...words, `--user=${this.owner}`, `--name=${name}`]);
  }

  /** All jobs of this user that the controller knows. @throws ClusterAwayError unless the answer is one to rely on. */
  async list(): Promise<SlurmJob[]> {
    const mark = randomBytes(8).toString('hex');
    const words = ['--noheader', '--all', '--states=all', '--noconvert', `--user=${this.owner}`, '-o', squeueFormat(mark)];
    const { code, stdout, stderr, isCut } = await this.ask('squeue', words);
    const jobs = isCut ? null : parseJobs(stdout, mark);
    if (code !== 0 || FAULT.test(stderr) || jobs === null) {
      throw new ClusterAwayError(lineOf(stderr) || text('slurm.oddAnswer', { tool: 'squeue' }));
    }
    return jobs;
  }

  /** What the controller says of one job at length; null when it does not know that id. */
  async details(jobId: string): Promise<string | null> {
    const { code, stdout, stderr } = await this.ask('scontrol', ['show', 'job', '--oneliner', jobId]);
    if (UNKNOWN_JOB.test(stderr) || UNKNOWN_JOB.test(stdout)) return null;
    if (code !== 0 || !stdout.includes(`JobId=${jobId}`)) {
      throw new ClusterAwayError(lineOf(stderr) || text('slurm.oddAnswer', { tool: 'scontrol' }));
    }
    return stdout;
  }

  /** The job in the accounting of the cluster, where there is one and it has it. Absence proves nothing. */
  async account({ name, comment }: JobIdentity): Promise<SlurmJob | null> {
    if (!(await this.keepsAccounts())) return null;
    const words = [
      '--parsable2',
      '--noheader',
      '--allocations',
      '--delimiter=\u001f',
      `--name=${name}`,
      '-S',
      'now-30days',
      '-o',
      SACCT_FIELDS,
    ];
    const { stdout } = await this.ask('sacct', words);
    const jobs = parseAccounts(stdout).filter((job) => job.name === name && (job.comment === comment || job.comment === ''));
    return jobs.at(-1) ?? null;
  }

  /** Who cancelled a job, as far as the accounting knows: a user's number or name. */
  async cancelledBy(name: string): Promise<string | null> {
    if (!(await this.keepsAccounts())) return null;
    const { stdout } = await this.ask('sacct', [
      '--parsable2',
      '--noheader',
      '--allocations',
      `--name=${name}`,
      '-S',
      'now-30days',
      '-o',
      'State',
    ]);
    return /CANCELLED by (\S+)/.exec(stdout)?.[1] ?? null;
  }

  private async keepsAccounts(): Promise<boolean> {
    if (this.hasAccounting !== null) return this.hasAccounting;
    const { stdout } = await this.ask('scontrol', ['show', 'config']);
    const type = /^AccountingStorageType\s*=\s*(\S+)/m.exec(stdout)?.[1];
    if (type === undefined) throw new ClusterAwayError(text('slurm.oddAnswer', { tool: 'scontrol' }));
    this.hasAccounting = !/none$|^\(null\)$/.test(type);
    return this.hasAccounting;
  }

  /** @throws ClusterAwayError for all that leaves the outcome open. */
  private async ask(tool: Tool, args: readonly string[]): Promise<ToolAnswer> {
    const answer = await this.call(tool, args);
    if (answer.spawnFailure !== null) throw new ClusterAwayError(text('slurm.toolMissing', { tool, reason: answer.spawnFailure }));
    if (answer.timedOut) throw new ClusterAwayError(text('slurm.noAnswerInTime', { tool }));
    if (AWAY.test(answer.stderr)) throw new ClusterAwayError(lineOf(answer.stderr));
    return answer;
  }

  private async call(tool: Tool, args: readonly string[]): Promise<ToolAnswer> {
    const { SLURM_BIN, SLURM_CONF } = this.config.settings;
    await this.enter();
    try {
      return await runTool({
        program: SLURM_BIN === undefined ? tool : join(SLURM_BIN, tool),
        args,
        // What programs may know, and no more: sbatch hands it on to the job.
        env: {
          ...this.config.programEnvironment,
          ...(SLURM_CONF === undefined ? {} : { SLURM_CONF }),
          ...(tool === 'sbatch' ? {} : { SLURM_TIME_FORMAT: '%s', LC_ALL: 'C' }),
        },
        withinMs: WITHIN_MS,
      });
    } finally {
      this.leave();
    }
  }

  private enter(): Promise<void> | void {
    this.calls += 1;
    if (this.calls > MOST_CALLS) return new Promise((resolve) => this.queue.push(resolve));
  }

  private leave(): void {
    this.calls -= 1;
    this.queue.shift()?.();
  }
}

/** The line of an answer that says most. */
function lineOf(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.findLast((one) => /error|fail/i.test(one)) ?? lines.at(-1) ?? '';
  return line.replace(/^\w+: (error: )?(Batch job submission failed: )?/, '').slice(0, 300);
}
