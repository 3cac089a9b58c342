import { Injectable } from '@nestjs/common';
import { AuditTrail, thisProgram } from '../../common/audit/audit-trail';
import { AppConfig } from '../../common/config/app-config';
import { DomainError, StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { Journal, JournalView, type ProjectRecord } from './journal';
import { readOldSystem, type OldSystem } from './old-system';
import type { TakeOverOptions } from './options';
import { PeopleTaking } from './people-taking';
import type { Plan, ProjectPlan } from './plan';
import { groupsOf } from './plan-people';
import { Planner, type FullPlan } from './planner';
import { placeInWords, placeOf } from './project-moves';
import { latestOf, ProjectTaking } from './project-taking';
import { reportOf } from './report';
import { requireOwnUser } from './own-user';
import { RunTaking } from './run-taking';

/** Takes over an installation of PyShowwwcase: looks, does it, or takes it back. Each gives the text to print. */
@Injectable()
export class TakeOver {
  constructor(
    private readonly config: AppConfig,
    private readonly planner: Planner,
    private readonly people: PeopleTaking,
    private readonly projects: ProjectTaking,
    private readonly runs: RunTaking,
    private readonly audit: AuditTrail,
  ) {}

  async run(options: TakeOverOptions): Promise<string> {
    if (options.mode !== 'look') requireOwnUser(this.config.settings.DATA_DIR);
    if (options.mode === 'undo') return this.undo();
    const old = await readOldSystem(options);
    return options.mode === 'go' ? this.go(old, options) : this.look(old, options);
  }

  private async look(old: OldSystem, options: TakeOverOptions): Promise<string> {
    const plan = await this.planner.plan(old, options, JournalView.read(this.config.settings.DATA_DIR));
    const isStopped = plan.remarks.some(({ level }) => level === 'stop');
    const next = isStopped
      ? 'Nothing was changed, and nothing can be taken over before what stands first above is mended.'
      : 'Nothing was changed. Stop the web process and the cron jobs of the older system, make a backup of its database, and say the same with --go.';
    return `${this.report(old, plan, options)}\n\n${next}`;
  }

  /** @throws StartupError with the whole report where something has to be mended first. */
  private async go(old: OldSystem, options: TakeOverOptions): Promise<string> {
    const journal = Journal.open(this.config.settings.DATA_DIR);
    try {
      const plan = await this.planner.plan(old, options, journal);
      const report = this.report(old, plan, options);
      if (plan.remarks.some(({ level }) => level === 'stop')) throw new StartupError(`${report}\n\nNothing was taken over.`, EXIT_DATA);
      const { done, failed } = await this.takeAll(old, plan, journal);
      if (failed.length === 0) return `${report}\n\n${done}`;
      throw new StartupError(`${report}\n\n${done}\nThese were begun and could not be finished:\n${failed.join('\n')}`, EXIT_DATA);
    } finally {
      journal.close();
    }
  }

  private async takeAll(old: OldSystem, plan: FullPlan, journal: Journal): Promise<{ done: string; failed: string[] }> {
    const { accounts, made } = await this.people.takeAll(plan.people, old.source, journal);
    const begun = new Set(journal.projects().map(identityOf));
    const jobsOf = new Map(groupsOf(plan.ended, (job) => job.place).map((jobs) => [jobs[0]?.place ?? '', jobs]));
    for (const project of plan.projects) {
      const { folder, owner } = project;
      const place = `${folder.owner.toString()}/${folder.name.toString()}`;
      if (begun.has(identityIn(plan.found.root, project))) continue;
      const ownerId = 'key' in owner ? accounts.get(owner.key)! : owner.accountId;
      this.projects.begin(project, ownerId, { root: plan.found.root, latest: latestOf(jobsOf.get(place) ?? []) }, journal);
    }
    const open = journal.projects().filter(({ id }) => !journal.isDone(id));
    const failed: string[] = [];
    for (const record of open) {
      try {
        await this.projects.finish(record, { jobs: plan.ended, pipeline: plan.pipeline }, journal);
      } catch (error) {
        failed.push(`  ${placeInWords(record)}: ${sentenceOf(error)}`);
      }
    }
    const moved = open.length - failed.length;
    const jobs = await this.takeJobs(plan, journal);
    await this.projects.measure(journal);
    const details = { people: made, projects: moved, ended: jobs.ended, waiting: jobs.waiting };
    this.audit.note({ actor: thisProgram('shell'), action: 'site.takeOver', object: { kind: 'site', name: plan.found.root }, details });
    const unfit = jobs.unfit.map((number) => `\n  Job ${number} has to be asked for again: its values do not fit any more.`).join('');
    const done = `Taken over: ${made} people got an account, ${moved} projects were moved, ${jobs.ended} ended and ${jobs.waiting} waiting runs are there.${unfit}\nPeople log in with their e-mail address and the password that they have. "node dist/admin take-over --undo" moves the folders back.`;
    return { done, failed };
  }

  /** Each once: what somebody deletes here does not come again with the next take-over. */
  private async takeJobs(plan: Plan, journal: Journal): Promise<{ ended: number; waiting: number; unfit: string[] }> {
    const byPlace = new Map((await this.projects.thatAreThere(journal)).map((record) => [placeOf(record), record]));
    const taken = { ended: 0, waiting: 0, unfit: [] as string[] };
    for (const job of plan.ended) {
      const record = byPlace.get(job.place);
      if (!record || journal.isJobTaken(record.id, job.key)) continue;
      await this.runs.addEnded(job, record);
      journal.add({ what: 'job', project: record.id, key: job.key });
      taken.ended += 1;
    }
    for (const job of plan.waiting) {
      const record = byPlace.get(job.place);
      if (!record || journal.isJobTaken(record.id, job.key)) continue;
      if (!(await this.runs.addWaiting(job, record))) {
        taken.unfit.push(job.number);
        continue;
      }
      journal.add({ what: 'job', project: record.id, key: job.key });
      taken.waiting += 1;
    }
    return taken;
  }

  private async undo(): Promise<string> {
    const journal = Journal.open(this.config.settings.DATA_DIR);
    try {
      const records = journal.projects();
      if (records.length === 0) return 'There is nothing to undo.';
      const stay: string[] = [];
      for (const record of records.toReversed()) {
        const why = await this.undoOne(record, journal);
        if (why !== null) stay.push(`  ${why} Its folder was ${placeInWords(record)}.`);
      }
      await this.projects.measure(journal);
      const count = records.length - stay.length;
      const details = { projects: count, stayed: stay.length };
      this.audit.note({ actor: thisProgram('shell'), action: 'site.undoTakeOver', object: { kind: 'site' }, details });
      const back = `${count} of ${records.length} projects are where they were, with all that is in them. Accounts that were made stay.`;
      return stay.length === 0 ? back : `${back}\n${stay.join('\n')}`;
    } finally {
      journal.close();
    }
  }

  private async undoOne(record: ProjectRecord, journal: Journal): Promise<string | null> {
    try {
      return await this.projects.undo(record, journal);
    } catch (error) {
      return `${record.name} stays: ${sentenceOf(error)}`;
    }
  }

  private report(old: OldSystem, plan: FullPlan, { all }: TakeOverOptions): string {
    return reportOf(old, plan, { all, filesRoot: this.config.filesRoot });
  }
}

/** What keeps one project from being moved keeps none of the others. @throws the error where it is of another kind. */
function sentenceOf(error: unknown): string {
  if (error instanceof DomainError || error instanceof StartupError) return error.message;
  throw error;
}

/** A folder at its place there, and none that got its name later. */
function identityOf({ root, owner, folder, inode }: Pick<ProjectRecord, 'root' | 'owner' | 'folder' | 'inode'>): string {
  return [root, owner, folder, inode].join('\n');
}

function identityIn(root: string, { folder: { owner, name, inode } }: ProjectPlan): string {
  return identityOf({ root, owner: owner.toString('base64'), folder: name.toString('base64'), inode });
}
