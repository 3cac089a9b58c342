import { Injectable } from '@nestjs/common';
import { DomainError, StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { isEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { SafeDirectory } from '../../common/files/safe-directory';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import type { Pipeline } from '../../common/pipelines/manifest';
import { ProjectCreation } from '../../common/projects/project-creation';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { storedText } from '../../locales/text';
import type { Journal } from './journal';
import type { EndedJob } from './plan';
import { RunTaking } from './run-taking';
import type { ScriptJob, ScriptRunner } from './script-runner';

/** Name of the project in which the history of somebody lies. */
const PROJECT = 'ScriptRunner';

/** What became of the jobs. */
export interface JobsTaken {
  runs: number;
  results: number;
  /** Names of outputs that could not be moved, with why. */
  stay: string[];
}

/** Brings the history of ScriptRunner: ended jobs become runs in one project for each person, and take along what still lies in the outbox. */
@Injectable()
export class ScriptRunnerTaking {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly creation: ProjectCreation,
    private readonly files: ProjectFiles,
    private readonly runs: RunTaking,
    private readonly catalogue: PipelineCatalogue,
  ) {}

  /** @param accounts by login. Each job comes once: what somebody renames or deletes here does not come again. */
  async takeJobs(old: ScriptRunner, accounts: ReadonlyMap<string, string>, journal: Journal): Promise<JobsTaken> {
    const taken: JobsTaken = { runs: 0, results: 0, stay: [] };
    const outbox = old.outbox === null ? null : SafeDirectory.open(old.outbox);
    const came: { job: ScriptJob; project: Project; runId: number }[] = [];
    for (const job of endedOf(old).filter(({ id }) => !journal.isJobTaken(old.database, id))) {
      const ownerId = accounts.get(job.requester);
      if (ownerId === undefined) continue;
      try {
        const project = await this.projectOf(ownerId);
        const place = { id: project.id, ownerId, changedMs: job.endedMs ?? project.changedMs };
        came.push({ job, project, runId: await this.runs.addEnded(await this.asEnded(job), place) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        taken.stay.push(`Job ${job.id} of ${job.requester}: ${error.message}`);
      }
    }
    taken.runs = came.length;
    // An output that several jobs wrote is of the last of them.
    for (const { job, ...to } of came.toReversed()) {
      const output = job.params.find(([name]) => name.startsWith(old.outputPrefix))?.[1];
      const isLeft = outbox && output !== undefined && isEntryName(Buffer.from(output));
      if (isLeft && !(await this.takeOutput(outbox, output, to, taken))) continue;
      journal.add({ what: 'job', project: old.database, key: job.id });
    }
    return taken;
  }

  private async projectOf(ownerId: string): Promise<Project> {
    const own = await this.projects.findByOwner(ownerId);
    return own.find(({ name }) => name === PROJECT) ?? (await this.creation.create(ownerId, PROJECT));
  }

  /** @returns false where something lies there and could not be moved. */
  private async takeOutput(
    outbox: SafeDirectory,
    name: string,
    to: { project: Project; runId: number },
    taken: JobsTaken,
  ): Promise<boolean> {
    const [entry, results] = [Buffer.from(name), this.files.resultsPath(to.runId)];
    const folder = this.files.of(to.project);
    try {
      if (!(await outbox.exists([entry]))) return true;
      await folder.ensureFolder(results);
      await outbox.move([entry], [...results, entry], folder);
      taken.results += 1;
      return true;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      taken.stay.push(`${name}: ${error.message}`);
      return false;
    }
  }

  private async asEnded(job: ScriptJob): Promise<EndedJob> {
    const id = job.script.replace(/\.[^.]+$/, '');
    const pipeline = (await this.catalogue.find(id)) ?? null;
    return {
      key: job.id,
      number: job.id,
      place: job.requester,
      // It calls every job complete.
      state: 'succeeded',
      pipeline,
      pipelineId: id,
      values: pipeline && valuesOf(job, pipeline),
      code: job.params.map(([name, value]) => `${name}=${value}`).join('\n'),
      message: storedText('queue.takenOverUntold'),
      exitCode: null,
      requestedMs: job.requestedMs,
      startedMs: job.startedMs,
      endedMs: job.endedMs,
    };
  }
}

export function endedOf({ jobs }: ScriptRunner): ScriptJob[] {
  return jobs.filter(({ status }) => status === 'Complete');
}

/** Null where the script has other parameters by now. */
function valuesOf({ params }: ScriptJob, { manifest }: Pipeline): Record<string, unknown> | null {
  const values: Record<string, unknown> = {};
  for (const [name, value] of params) {
    const parameter = manifest.parameters.find((one) => one.name === name.replaceAll('-', '_'));
    if (!parameter || Object.hasOwn(values, parameter.name)) return null;
    values[parameter.name] = parameter.type === 'file' ? `inbox:${value}` : value;
  }
  return values;
}

/** @throws StartupError while a job runs. */
export function requireStill({ jobs }: ScriptRunner): void {
  const running = jobs.filter(({ status }) => status === 'Started').map(({ id }) => `#${id}`);
  if (running.length === 0) return;
  throw new StartupError(
    `ScriptRunner runs ${running.join(', ')}, as its database says. Let it end and stop it; where its server is gone already, set the status of the row to Complete.`,
    EXIT_DATA,
  );
}
