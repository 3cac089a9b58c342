import { text } from '../../locales/text';
import { parseSeconds } from '../config/values';
import { readAccess } from './access';
import type { Manifest } from './manifest';
import { patternFault } from './pattern';

type HeadingFields = Pick<Manifest, 'title' | 'summary' | 'takes' | 'gives' | 'version' | 'icon' | 'limits' | 'progress' | 'access'>;

const HEADING = /^(title|summary|takes|gives|version|icon|time|parallel|progress|access):\s+(.+)$/i;

/** Whether an annotation says something about the script as a whole: `title: FASTA statistics`. A blank must follow the colon. */
export function isHeading(rest: string): boolean {
  return HEADING.test(rest);
}

/** Takes a heading over into `fields`; returns the fault as a sentence. */
export function readHeading(rest: string, fields: HeadingFields): string | undefined {
  const [, word = '', value = ''] = HEADING.exec(rest) ?? [];
  const name = word.toLowerCase();
  if (name === 'time') {
    const seconds = parseSeconds(value);
    if (seconds === undefined || seconds < 1) return text('pipelines.badDuration', { value });
    fields.limits = { ...fields.limits, timeSeconds: Math.round(seconds) };
    return undefined;
  }
  if (name === 'parallel') {
    if (!/^[1-9]\d{0,3}$/.test(value)) return text('pipelines.badParallel', { value });
    fields.limits = { ...fields.limits, parallel: Number(value) };
    return undefined;
  }
  if (name === 'progress') {
    const fault = patternFault(value);
    if (fault) return text('pipelines.badPattern', { fault });
    fields.progress = value === 'auto' || value === 'tqdm' ? { lines: value } : { pattern: value };
    return undefined;
  }
  if (name === 'access') {
    const access = readAccess(value);
    if (!access) return text('pipelines.badAccess', { value: value.slice(0, 200) });
    fields.access = access;
    return undefined;
  }
  if (name === 'icon' && !/^[a-z0-9-]+$/.test(value)) return text('pipelines.badIcon', { value });
  fields[name as 'title' | 'summary' | 'takes' | 'gives' | 'version' | 'icon'] = value.slice(0, name === 'title' ? 200 : 500);
  return undefined;
}
