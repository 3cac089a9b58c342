import { Injectable } from '@nestjs/common';
import { AuditTrail, thisProgram } from '../../common/audit/audit-trail';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { Journal, JournalView, type ProjectRecord } from './journal';
import { readOldSystem, type OldSystem } from './old-system';
import type { TakeOverOptions } from './options';
import { PeopleTaking } from './people-taking';
import type { Plan, ProjectPlan } from './plan';
import { Planner, type FullPlan } from './planner';
import { placeInWords, placeOf } from './project-moves';
import { latestOf, ProjectTaking } from './project-taking';
import { reportOf } from './report';
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
      const done = await this.takeAll(old, plan, journal);
      return `${report}\n\n${done}`;
    } finally {
      journal.close();
    }
  }

  private async takeAll(old: OldSystem, plan: FullPlan, journal: Journal): Promise<string> {
    const { accounts, made } = await this.people.takeAll(plan.people, old.source, journal);
    const begun = new Set(journal.projects().map(identityOf));
    for (const project of plan.projects) {
      const { folder, owner } = project;
      const place = `${folder.owner.toString()}/${folder.name.toString()}`;
      if (begun.has(identityIn(plan.found.root, project))) continue;
      const ownerId = 'key' in owner ? accounts.get(owner.key)! : owner.accountId;
      this.projects.begin(project, ownerId, { root: plan.found.root, latest: latestOf(plan.ended, place) }, journal);
    }
    const open = journal.projects().filter(({ id }) => !journal.isDone(id));
    for (const record of open) await this.projects.finish(record, { jobs: plan.ended, pipeline: plan.pipeline }, journal);
    const jobs = await this.takeJobs(plan, journal);
    await this.projects.measure(journal);
    const details = { people: made, projects: open.length, ended: jobs.ended, waiting: jobs.waiting };
    this.audit.note({ actor: thisProgram('shell'), action: 'site.takeOver', object: { kind: 'site', name: plan.found.root }, details });
    const unfit = jobs.unfit.map((number) => `\n  Job ${number} has to be asked for again: its values do not fit any more.`).join('');
    return `Taken over: ${made} people got an account, ${open.length} projects were moved, ${jobs.ended} ended and ${jobs.waiting} waiting runs are there.${unfit}\nPeople log in with their e-mail address and the password that they have. "node dist/admin take-over --undo" moves the folders back.`;
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
        const why = await this.projects.undo(record, journal);
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

  private report(old: OldSystem, plan: FullPlan, { all }: TakeOverOptions): string {
    return reportOf(old, plan, { all, filesRoot: this.config.filesRoot });
  }
}

/** A folder at its place there, and none that got its name later. */
function identityOf({ root, owner, folder, inode }: Pick<ProjectRecord, 'root' | 'owner' | 'folder' | 'inode'>): string {
  return [root, owner, folder, inode].join('\n');
}

function identityIn(root: string, { folder: { owner, name, inode } }: ProjectPlan): string {
  return identityOf({ root, owner: owner.toString('base64'), folder: name.toString('base64'), inode });
}
