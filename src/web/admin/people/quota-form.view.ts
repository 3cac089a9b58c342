import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import type { Quota } from '../../../common/quotas/quota.entity';
import { Quotas, type PersonLimits } from '../../../common/quotas/quotas';
import { QUOTA_NAMES, type QuotaName } from '../../../common/quotas/quotas.repository';
import { isSize } from '../../../common/quotas/read-quotas';
import type { User } from '../../../common/users/user.entity';
import { formatNumber } from '../../../locales/formats';
import { text, type TextKey } from '../../../locales/text';
import { fieldText } from '../../http/form';

/** One field of the form of limits. */
export interface QuotaField {
  name: QuotaName;
  label: string;
  /** '' for the site's. */
  value: string;
  /** What applies without one. */
  usual: string;
}

const LABELS: Record<QuotaName, TextKey> = {
  bytes: 'people.quotaBytes',
  files: 'people.quotaFiles',
  uploadBytes: 'people.quotaUpload',
  projects: 'people.quotaProjects',
  runsAtOnce: 'people.quotaRuns',
  waiting: 'people.quotaWaiting',
};

/** The form of one person's limits. */
@Injectable()
export class QuotaForms {
  constructor(private readonly quotas: Quotas) {}

  async of(person: User): Promise<QuotaField[]> {
    const own = await this.quotas.ownOf('person', person.id);
    return this.fields(await this.quotas.defaultsFor(person), (name) => written(name, own));
  }

  /** As it was sent. */
  async again(person: User, form: unknown): Promise<QuotaField[]> {
    return this.fields(await this.quotas.defaultsFor(person), (name) => fieldText(form, name).slice(0, 40));
  }

  /** Of a group: what applies without a value is what the settings say of people with an account. @param form as it was sent; absent: as it is. */
  async ofGroup(groupId: string, form?: unknown): Promise<QuotaField[]> {
    const own = await this.quotas.ownOf('group', groupId);
    const usual = this.quotas.siteLimits({ kind: 'account', isAdmin: false });
    return this.fields(usual, (name) => (form === undefined ? written(name, own) : fieldText(form, name).slice(0, 40)));
  }

  private fields(usual: PersonLimits, valueOf: (name: QuotaName) => string): QuotaField[] {
    return QUOTA_NAMES.map((name) => ({ name, label: text(LABELS[name]), value: valueOf(name), usual: inWords(name, usual[name]) }));
  }
}

/** So that it is read again as what it is. */
function written(name: QuotaName, own: Quota | null): string {
  const value = own?.[name] ?? null;
  if (value === null) return '';
  if (value === 0) return 'none';
  return isSize(name) ? exactly(value) : String(value);
}

const UNITS: [unit: string, bytes: number][] = [
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
];

/** In the largest unit that tells it exactly. */
function exactly(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes >= size && Number.isInteger((bytes / size) * 1000));
  return unit ? `${bytes / unit[1]} ${unit[0]}` : String(bytes);
}

function inWords(name: QuotaName, limit: number | null): string {
  if (limit === null) return text('people.noLimit');
  return isSize(name) ? formatBytes(limit) : formatNumber(limit);
}
