import { Injectable } from '@nestjs/common';
import { formatBytes } from '../browser/amounts';
import { StartupError } from '../common/errors';
import { EXIT_USAGE } from '../common/exit-status';
import { Standing } from '../common/people/standing';
import { Quotas } from '../common/quotas/quotas';
import { QUOTA_NAMES, type QuotaName, type QuotaValues } from '../common/quotas/quotas.repository';
import { isSize, readQuota } from '../common/quotas/read-quotas';
import { AccountFinder } from './account-finder';
import { plainTable } from './plain-table';

/** Limits as they are typed. */
const LIMIT_WORDS: Record<string, QuotaName> = {
  space: 'bytes',
  files: 'files',
  upload: 'uploadBytes',
  projects: 'projects',
  runs: 'runsAtOnce',
  waiting: 'waiting',
};

/** Who may come in, who steers, and how much people may use, from the shell. Each command returns the text to print. */
@Injectable()
export class PeopleCommands {
  constructor(
    private readonly finder: AccountFinder,
    private readonly standing: Standing,
    private readonly quotas: Quotas,
  ) {}

  async makeAdmin(email: string): Promise<string> {
    const account = await this.finder.find(email);
    if (account.isAdmin) return `${account.email} is an administrator already.`;
    await this.standing.makeAdministrator(account);
    return `${account.email} is an administrator now.`;
  }

  async unmakeAdmin(email: string): Promise<string> {
    const account = await this.finder.find(email);
    if (!account.isAdmin) return `${account.email} is no administrator.`;
    await this.standing.unmakeAdministrator(account);
    return `${account.email} is no administrator any more.`;
  }

  async suspend(email: string, why: string): Promise<string> {
    const account = await this.finder.find(email);
    const { sessions, cancelled, running } = await this.standing.suspend(account, why);
    return `${account.email} is suspended. Sessions ended: ${sessions}. Waiting runs cancelled: ${cancelled}. Runs that go on: ${running}.`;
  }

  async unsuspend(email: string): Promise<string> {
    const account = await this.finder.find(email);
    if (account.suspendedMs === null) return `${account.email} is not suspended.`;
    await this.standing.endSuspension(account);
    return `${account.email} can log in again.`;
  }

  /** Shows the limits of somebody, after changes where there are any. @param changes such as `space=20GB`, `runs=`. */
  async quota(email: string, changes: readonly string[]): Promise<string> {
    const account = await this.finder.find(email);
    const own = await this.quotas.ownOf('person', account.id);
    if (changes.length > 0) {
      const values = Object.fromEntries(QUOTA_NAMES.map((name) => [name, own?.[name] ?? null])) as QuotaValues;
      for (const change of changes) {
        const [name, value] = changeIn(change);
        values[name] = value;
      }
      await this.quotas.setOwn('person', account.id, values);
    }
    const [now, limits] = [await this.quotas.ownOf('person', account.id), await this.quotas.limitsOf(account)];
    const rows = Object.entries(LIMIT_WORDS).map(([word, name]) => {
      const limit = limits[name];
      const amount = limit === null ? 'none' : isSize(name) ? formatBytes(limit) : String(limit);
      return [word, amount, (now?.[name] ?? null) === null ? '' : 'own'];
    });
    return plainTable(['LIMIT', 'VALUE', ''], rows);
  }
}

function changeIn(change: string): [QuotaName, number | null] {
  const [word = '', ...rest] = change.split('=');
  const name = Object.hasOwn(LIMIT_WORDS, word) ? LIMIT_WORDS[word] : undefined;
  if (!name || rest.length === 0) {
    const known = Object.keys(LIMIT_WORDS).join(', ');
    throw new StartupError(`"${change}" is no limit: write name=value, with one of ${known}; nothing behind = for the site's.`, EXIT_USAGE);
  }
  return [name, readQuota(name, rest.join('='))];
}
