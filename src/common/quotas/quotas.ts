import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Limits } from '../queue/run-limits';
import type { User } from '../users/user.entity';
import type { Quota, QuotaSubject } from './quota.entity';
import { largest, QUOTA_NAMES, QuotasRepository, type QuotaName, type QuotaValues } from './quotas.repository';

/** Who limits are asked for. */
export type LimitedPerson = Pick<User, 'id' | 'kind' | 'isAdmin'>;

/** What somebody may use; null: no limit. */
export interface PersonLimits {
  bytes: number | null;
  files: number | null;
  projects: number | null;
  /** Largest file that may be uploaded. */
  uploadBytes: number;
  runsAtOnce: number | null;
  waiting: number | null;
}

/** For the owners of things whose account is gone. */
export const NOBODY = { kind: 'guest', isAdmin: false } as const;
/** How long a process believes what it read of everybody's limits: they decide at each claim of a run. */
const BELIEVED_MS = 5000;

/**
 * The one place that answers what the limit of somebody is: their own, else the largest of their groups, else that of the settings.
 */
@Injectable()
export class Quotas {
  private readonly believed = new Map<QuotaName, { untilMs: number; values: Promise<Map<string, number>> }>();

  constructor(
    private readonly config: AppConfig,
    private readonly repository: QuotasRepository,
  ) {}

  async limitsOf(person: LimitedPerson): Promise<PersonLimits> {
    return limitsFrom(this.config, { ...this.siteValues(person), ...chosen(await this.repository.allFor(person.id)) });
  }

  /** What the settings say, for whoever has no limit of their own. */
  siteLimits(person: Pick<LimitedPerson, 'kind' | 'isAdmin'>): PersonLimits {
    return limitsFrom(this.config, this.siteValues(person));
  }

  /** What applies to a person without a value of their own: of their groups, and of the settings. */
  async defaultsFor(person: LimitedPerson): Promise<PersonLimits> {
    const ofGroups = (await this.repository.allFor(person.id)).filter(({ subject }) => subject === 'group');
    return limitsFrom(this.config, { ...this.siteValues(person), ...chosen(ofGroups) });
  }

  /** How many runs of one person may run at once, for the choice of those that start. */
  async runLimits(): Promise<Limits> {
    const others = [...(await this.exceptionsTo('runsAtOnce'))].map(([userId, value]): [string, number | null] => [userId, value || null]);
    const { RUNS_PER_PERSON } = this.config.settings;
    const ofGuests = this.siteValues({ kind: 'guest', isAdmin: false }).runsAtOnce;
    return {
      perOwner: RUNS_PER_PERSON || null,
      ofOwners: new Map(others),
      ...(ofGuests === RUNS_PER_PERSON ? {} : { ofGuests }),
    };
  }

  /** The same, with who is a guest among these people. */
  async runLimitsAmong(ownerIds: readonly string[]): Promise<Limits> {
    const limits = await this.runLimits();
    if (limits.ofGuests === undefined) return limits;
    return { ...limits, guests: new Set(await this.repository.guestsAmong(ownerIds)) };
  }

  /** What is said of one person, or of the members of one group; null: nothing. */
  ownOf(subject: QuotaSubject, id: string): Promise<Quota | null> {
    return this.repository.find(subject, id);
  }

  async setOwn(subject: QuotaSubject, id: string, values: QuotaValues): Promise<void> {
    await this.repository.write(subject, id, values);
    this.believed.clear();
  }

  private async exceptionsTo(name: QuotaName): Promise<ReadonlyMap<string, number>> {
    const known = this.believed.get(name);
    if (known && performance.now() < known.untilMs) return known.values;
    const values = this.repository.exceptionsTo(name).then((rows) => new Map(rows.map(({ userId, value }) => [userId, value])));
    this.believed.set(name, { untilMs: performance.now() + BELIEVED_MS, values });
    // What could not be read is asked for again.
    values.catch(() => this.believed.delete(name));
    return values;
  }

  private siteValues({ kind, isAdmin }: Pick<LimitedPerson, 'kind' | 'isAdmin'>): Record<QuotaName, number> {
    const { settings } = this.config;
    const isGuest = kind === 'guest';
    const role = isGuest ? 'GUEST' : isAdmin ? 'ADMIN' : 'USER';
    return {
      bytes: settings[`${role}_SPACE`],
      files: settings[`${role}_FILES`],
      projects: settings[`${role}_PROJECTS`],
      uploadBytes: settings[`${role}_UPLOAD`],
      runsAtOnce: smaller(settings.RUNS_PER_PERSON, isGuest ? settings.GUEST_RUNS : 0),
      waiting: smaller(settings.MAX_WAITING_PER_PERSON, isGuest ? settings.GUEST_WAITING : 0),
    };
  }
}

/** The person's own value, else the largest of the groups. */
function chosen(rows: readonly Quota[]): Partial<Record<QuotaName, number>> {
  const own = rows.find(({ subject }) => subject === 'person');
  const groups = rows.filter(({ subject }) => subject === 'group');
  const values: Partial<Record<QuotaName, number>> = {};
  for (const name of QUOTA_NAMES) {
    const value = own?.[name] ?? largest(groups.map((row) => row[name]));
    if (value !== null) values[name] = value;
  }
  return values;
}

/** The smaller of two limits; 0 is none. */
function smaller(one: number, other: number): number {
  return one === 0 || other === 0 ? one + other : Math.min(one, other);
}

function limitsFrom({ settings }: AppConfig, values: Record<QuotaName, number>): PersonLimits {
  const limit = (value: number) => (value === 0 ? null : value);
  return {
    bytes: limit(values.bytes),
    files: limit(values.files),
    projects: limit(values.projects),
    uploadBytes: values.uploadBytes === 0 ? settings.MAX_UPLOAD : Math.min(values.uploadBytes, settings.MAX_UPLOAD),
    runsAtOnce: limit(values.runsAtOnce),
    waiting: limit(values.waiting),
  };
}
