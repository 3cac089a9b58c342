import { z } from 'zod';
import { text } from '../../locales/text';
import { parseBytes, parseSeconds } from '../config/values';

/** Values that several fields of `pipeline.yaml` take. */

/** Text, or what YAML reads as a number or a truth value, as text. */
export const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Whole seconds, at least one, as `90s`, `10m`, `2h` or `7d`. */
export const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const seconds = parseSeconds(String(value));
  if (seconds !== undefined && seconds >= 1) return Math.round(seconds);
  context.addIssue({ code: 'custom', message: text('pipelines.badDuration', { value: String(value) }) });
  return z.NEVER;
});

/** Bytes, more than none, as `2 GB` or `512 MiB`. */
export const size = z.union([z.string(), z.number()]).transform((value, context) => {
  const amount = parseBytes(String(value));
  if (amount !== undefined && amount > 0) return amount;
  context.addIssue({ code: 'custom', message: text('pipelines.badSize', { value: String(value) }) });
  return z.NEVER;
});
