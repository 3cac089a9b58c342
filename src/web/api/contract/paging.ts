import { z } from 'zod';
import { InvalidInputError } from '../../../common/errors';
import { says } from './words';

const MOST_ITEMS = 200;
const LONGEST_CURSOR = 1000;

/** Part of a list. */
export interface Page<Item> {
  items: Item[];
  /** What `after` has to say for those that follow; null at the end. */
  next: string | null;
}

export interface PageQuery {
  limit: number;
  after?: string | undefined;
}

const LIMITS = {
  limit: says(z.coerce.number().int().min(1).max(MOST_ITEMS).default(50), 'api.fieldLimit'),
  after: says(z.string().max(LONGEST_CURSOR).optional(), 'api.fieldAfter'),
};

/** The query of a list. @param filters further names that it knows. */
export function pageQuery<Filters extends z.ZodRawShape>(filters: Filters) {
  return z.strictObject({ ...filters, ...LIMITS });
}

/** The query of a list that knows no more than that. */
export const plainPageQuery = z.strictObject(LIMITS);

/** The answer of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: says(z.string().nullable(), 'api.fieldNext') });
}

/** @param position of the last item, as JSON. @returns a text that nobody has to understand. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws InvalidInputError for a text that no list gave. */
export function decodeCursor<Position>(schema: z.ZodType<Position>, cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  const result = schema.safeParse(parsed(cursor));
  if (!result.success) throw new InvalidInputError('api.badCursor', {}, 'after');
  return result.data;
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
