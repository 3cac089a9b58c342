import { z } from 'zod';
import { says } from './words';

/** How everything that fails below `/api` is answered (RFC 9457): `Problem` as a schema. */
export const problemSchema = z
  .object({
    type: says(z.string(), 'api.problemType'),
    title: says(z.string(), 'api.problemTitle'),
    status: z.int(),
    detail: says(z.string(), 'api.problemDetail'),
    instance: says(z.string(), 'api.problemInstance'),
    code: says(z.string().optional(), 'api.problemCode'),
    values: says(z.record(z.string(), z.union([z.string(), z.number()])).optional(), 'api.problemValues'),
    errors: says(z.array(z.object({ field: z.string(), message: z.string() })).optional(), 'api.problemErrors'),
  })
  .meta({ id: 'Problem' });
