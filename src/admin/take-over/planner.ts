import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { MasterTable, type MasterPerson } from '../../common/external-users/master-table';
import { MirrorsRepository } from '../../common/external-users/mirrors.repository';
import { SafeDirectory } from '../../common/files/safe-directory';
import { checkParameters } from '../../common/pipelines/parameters';
import type { Pipeline } from '../../common/pipelines/manifest';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { UsersRepository } from '../../common/users/users.repository';
import type { JournalView } from './journal';
import { mountOf, mountPoints, readOldFolders, type OldFolders } from './old-folders';
import type { OldSystem } from './old-system';
import { rootFault } from './own-user';
import type { TakeOverOptions } from './options';
import type { PersonPlan, Plan, Remark, WaitingJob } from './plan';
import { draftJobs } from './plan-jobs';
import { draftPeople, isNamedOnly } from './plan-people';
import { draftProjects } from './plan-projects';
import { placeOf } from './project-moves';
import { lookUpIn } from './run-taking';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** With what it was made from. */
export interface FullPlan extends Plan {
  found: OldFolders;
  /** That the older system ran; null where nobody says so, or it is not here. */
  pipeline: Pipeline | null;
}

/** Finds out what would be done, and changes nothing. */
@Injectable()
export class Planner {
  constructor(
    private readonly config: AppConfig,
    private readonly users: UsersRepository,
    private readonly table: MasterTable,
    private readonly mirrors: MirrorsRepository,
    private readonly projects: ProjectsRepository,
    private readonly catalogue: PipelineCatalogue,
  ) {}

  async plan(old: OldSystem, options: TakeOverOptions, journal: JournalView): Promise<FullPlan> {
    const people = await this.planPeople(old, options, journal);
    const found = await readOldFolders(old.projectFolder, this.ownNamesIn(realpathSync(old.projectFolder)));
    const chosen = new Set(people.people.map(({ name }) => name));
    const leftOut = old.users.rows.filter(({ name }) => !chosen.has(name?.trim() ?? '')).flatMap(({ id, name }) => [id ?? '', name ?? '']);
    const drafted = draftProjects(found, {
      people: people.people,
      leftOut: new Set(leftOut),
      guestsTo: await this.guestAccount(options),
      results: old.results,
      takenNames: await this.takenNames(people.people),
    });
    const jobs = await this.planJobs(old, options, {
      people: people.people,
      found,
      places: new Set([
        ...drafted.projects.map(({ folder }) => `${folder.owner.toString()}/${folder.name.toString()}`),
        ...journal.projects().map(placeOf),
      ]),
    });
    const remarks = [...people.remarks, ...drafted.remarks, ...this.placeFaults(found, drafted.projects.length), ...jobs.remarks];
    const pipeline = options.pipeline === null ? null : ((await this.catalogue.find(options.pipeline)) ?? null);
    return { people: people.people, projects: drafted.projects, ended: jobs.ended, waiting: jobs.waiting, remarks, found, pipeline };
  }

  /** Whom to take over, with the accounts that they have here. */
  async planPeople(
    { users, source }: Pick<OldSystem, 'users' | 'source'>,
    { domain, join: joins }: TakeOverOptions,
    journal: JournalView,
  ): Promise<{ people: PersonPlan[]; remarks: Remark[] }> {
    const rules = { domain, hasIds: 'id' in users.columns, hasActive: 'active' in users.columns };
    const { people: drafts, remarks } = draftPeople(users.rows, rules);
    const people: PersonPlan[] = [];
    for (const draft of drafts) {
      const master = this.table.isConfigured ? await this.table.find(draft.name) : null;
      const left = (kind: string, why: string) => void remarks.push({ level: 'left', kind, sentence: `${draft.name}: ${why}` });
      const known = journal.personId(source, draft.key);
      const account = known === null ? null : await this.users.findById(known);
      const same = draft.email === null ? null : await this.users.findByEmail(draft.email);
      if (master) people.push({ ...draft, master, accountId: await this.mirrorOf(master) });
      else if (account) people.push({ ...draft, master, accountId: account.id });
      else if (journal.isPersonMade(source, draft.key)) left('deleted', 'the account that was made of it has been deleted here since.');
      else if (draft.email === null) left('no address', NO_ADDRESS);
      else if (same === null) people.push({ ...draft, master: null, accountId: null });
      else if (same.leavingMs !== null) left('leaving', `the account ${draft.email} here is about to be deleted.`);
      else if (same.confirmedMs === null && !joins) left('unconfirmed', unconfirmed(draft.email));
      else people.push({ ...draft, master: null, accountId: same.id });
    }
    for (const person of people.filter(({ master, accountId }) => !master && accountId === null)) {
      const note = (kind: string, words: string) => void remarks.push({ level: 'note', kind, sentence: `${person.name} ${words}` });
      if (!person.isActive) note('disabled', DISABLED);
      if (isNamedOnly(person, this.config.settings.ADMIN_EMAILS)) note('named', named(person.email ?? ''));
    }
    const fault = rootFault(this.config.settings.DATA_DIR);
    if (fault !== null) remarks.push({ level: 'stop', kind: 'root', sentence: fault });
    return { people, remarks };
  }

  /** An account that mirrors them already. */
  private async mirrorOf({ key }: MasterPerson): Promise<string | null> {
    const mirror = await this.mirrors.find(key);
    return mirror && ((await this.users.findById(mirror.userId))?.id ?? null);
  }

  private async planJobs(
    { queue }: OldSystem,
    { pipeline }: TakeOverOptions,
    { people, found, places }: { people: readonly PersonPlan[]; found: OldFolders; places: ReadonlySet<string> },
  ): Promise<Pick<Plan, 'ended' | 'waiting' | 'remarks'>> {
    const pipelines = new Map((await this.catalogue.list()).map((one) => [one.manifest.id, one]));
    const { ended, waiting: drafts, remarks } = draftJobs(queue?.rows ?? [], { people, places, pipelines, pipeline });
    const waiting: WaitingJob[] = [];
    for (const job of drafts) {
      const [owner, name] = [job.place.slice(0, job.place.indexOf('/')), job.place.slice(job.place.indexOf('/') + 1)];
      const folder = SafeDirectory.open(found.root).inside([Buffer.from(owner), Buffer.from(name)]);
      // One that was moved already is looked at again where it is now.
      const isThere = await folder.exists([]);
      const check = isThere ? await checkParameters(job.pipeline.manifest, job.submitted, lookUpIn(folder)) : null;
      if (!check || check.ok) waiting.push(job);
      else
        remarks.push({
          level: 'again',
          kind: 'again',
          sentence: `Job ${job.number} in ${job.place}: its values do not fit the pipeline “${job.pipeline.manifest.id}” here (${Object.keys(check.errors).join(', ')}).`,
        });
    }
    return { ended, waiting, remarks };
  }

  private async guestAccount({ guestsTo }: TakeOverOptions): Promise<string | null> {
    if (guestsTo === null) return null;
    const account = await this.users.findByEmail(guestsTo.trim());
    if (account?.kind === 'account') return account.id;
    throw new StartupError(`There is no account with the address ${guestsTo}. "node dist/admin list-users" lists them.`, EXIT_DATA);
  }

  private async takenNames(people: readonly PersonPlan[]): Promise<Map<string, string[]>> {
    const taken = new Map<string, string[]>();
    for (const { key, accountId } of people) {
      if (accountId === null) continue;
      const names = (await this.projects.findByOwner(accountId)).map(({ name }) => name);
      taken.set(`key ${key}`, names);
      taken.set(`id ${accountId}`, names);
    }
    return taken;
  }

  /** FILES_ROOT may lie beside the folders of owners, or be their folder itself. */
  private ownNamesIn(root: string): (name: string) => boolean {
    const place = nearest(this.config.filesRoot);
    const filesRoot = join(realpathSync(place), this.config.filesRoot.slice(place.length));
    if (filesRoot === root) return (name) => UUID.test(name);
    const own = dirname(filesRoot) === root ? basename(filesRoot) : null;
    return (name) => name === own;
  }

  /** Between two file systems nothing can be moved, and nothing is ever copied. */
  private placeFaults({ root, projects }: OldFolders, count: number): Remark[] {
    const points = mountPoints();
    const { filesRoot } = this.config;
    const place = nearest(filesRoot);
    const home = { mount: mountOf(place, points), device: statSync(place).dev };
    const apart = projects.filter(({ owner, name, device }) => {
      const path = join(root, owner.toString(), name.toString());
      return device !== home.device || (existsSync(path) && mountOf(path, points) !== home.mount);
    });
    if (apart.length === 0 || count === 0) return [];
    const mount = mountOf(root, points);
    const beside = join(mount === root ? root : dirname(root), 'showrunner');
    const sentence =
      apart.length === projects.length
        ? `The projects lie on another file system (${mount}) than FILES_ROOT (${filesRoot}, on ${home.mount}). Nothing is copied: set FILES_ROOT to a folder on theirs, such as ${beside}, for the web process, the runners and the cleaner, and look again. A bind mount does not help; the system moves nothing between two mounts.`
        : `${apart.length} of the projects lie on other file systems than FILES_ROOT (${filesRoot}), such as ${join(root, apart[0]?.owner.toString() ?? '', apart[0]?.name.toString() ?? '')}. Move these to the others first; nothing is copied here.`;
    return [{ level: 'stop', kind: 'file system', sentence }];
  }
}

const NO_ADDRESS =
  'there is no e-mail address, and one logs in by it here. Write it into the older table, say --domain=lab.example.org to make addresses of names, or set EXTERNAL_USERS_URL, with which people of that table go on logging in by name.';
const DISABLED = 'may not log in there, and is suspended here.';

function named(email: string): string {
  return `is no administrator there, and ADMIN_EMAILS names ${email}: where mails are sent, the address has to be confirmed first. Take it out of ADMIN_EMAILS if it is not theirs.`;
}

function unconfirmed(email: string): string {
  return `${email} has an account here already that nobody has confirmed. If it is the same person's, "node dist/admin confirm ${email}" says so, or --join for all.`;
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
