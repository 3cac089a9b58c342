import { parseBytes } from '../config/values';
import { InvalidInputError } from '../errors';
import { QUOTA_NAMES, type QuotaName, type QuotaValues } from './quotas.repository';

const MOST: Record<QuotaName, number> = {
  bytes: 1e15,
  files: 1_000_000_000,
  uploadBytes: 1e15,
  projects: 1_000_000,
  runsAtOnce: 10_000,
  waiting: 1_000_000,
};

/** Whether a limit is written as a size. */
export function isSize(name: QuotaName): boolean {
  return name === 'bytes' || name === 'uploadBytes';
}

/**
 * One limit as people write it: "20 GB" or "500"; "none" for no limit; '' for that of the site. Nothing at all is no limit that could be
 * kept, and what the settings mean by 0 is its opposite: it has to be written out.
 * @throws InvalidInputError for the field of that name.
 */
export function readQuota(name: QuotaName, typed: string): number | null {
  const words = typed.trim();
  if (words === '') return null;
  if (/^none$/i.test(words)) return 0;
  const value = isSize(name) ? parseBytes(words.replace(',', '.')) : /^\d{1,12}$/.test(words) ? Number(words) : undefined;
  if (value === 0) throw new InvalidInputError('people.zeroLimit', {}, name);
  if (value !== undefined && value <= MOST[name]) return value;
  if (isSize(name)) throw new InvalidInputError('people.badSize', {}, name);
  throw new InvalidInputError('people.badNumber', { most: MOST[name] }, name);
}

/** @throws InvalidInputError for the first that is wrong. */
export function readQuotas(typed: Readonly<Partial<Record<QuotaName, string>>>): QuotaValues {
  return Object.fromEntries(QUOTA_NAMES.map((name) => [name, readQuota(name, typed[name] ?? '')])) as QuotaValues;
}
