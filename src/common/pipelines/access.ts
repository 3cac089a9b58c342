import { z } from 'zod';
import { text } from '../../locales/text';
import { isPlainAddress } from '../users/email-address';
import { line } from './schema-parts';

/** Who may run a pipeline, as its manifest says: groups by their names, people by their addresses in lower case. */
export type PipelineAccess = OpenTo | { groups: string[]; people: string[] };

/** `everyone` includes guests; `accounts` are all who have signed up. */
export type OpenTo = (typeof OPEN_TO)[number];

export const OPEN_TO = ['everyone', 'accounts', 'administrators'] as const;

const MOST = 500;

const address = z
  .string()
  .transform((entered) => entered.trim().toLowerCase())
  .refine(isPlainAddress, { error: () => text('pipelines.accessAddress') });

/** The field `access` of `pipeline.yaml`. */
export const accessField = z.union([
  z.enum(OPEN_TO),
  z
    .strictObject({ groups: z.array(line).max(MOST).default([]), people: z.array(address).max(MOST).default([]) })
    .refine(({ groups, people }) => groups.length + people.length > 0, { error: () => text('pipelines.accessNobody') }),
]);

/** The heading `access:` of a script: one word, or groups and addresses with commas between them; undefined where it makes no sense. */
export function readAccess(value: string): PipelineAccess | undefined {
  const word = OPEN_TO.find((one) => one === value.trim().toLowerCase());
  if (word) return word;
  const names = value.split(',').map((name) => name.trim());
  const { success, data } = accessField.safeParse({
    groups: names.filter((name) => !name.includes('@')),
    people: names.filter((name) => name.includes('@')),
  });
  return success ? data : undefined;
}

/** Whether a text that could not be read as a manifest may have kept somebody out: then nobody but administrators is told of it. */
export function seemsRestricted(source: string): boolean {
  return /(?:^|[^A-Za-z0-9_])access["']?\s*:(?!\s*["']?everyone\b)/i.test(source);
}
