import type { z } from 'zod';
import type { TextKey } from '../../../locales/text';
import type { TokenScope } from '../../../common/api-tokens/token-scopes';
import { API_PATH } from '../../http/tokens/api-path';

export const API_ROUTE = 'api:route';

/** Headings under which routes are described, in this order. */
export const API_AREAS = ['start', 'account', 'projects', 'files', 'pipelines', 'runs', 'sweeps', 'queue', 'administration'] as const;

export type ApiArea = (typeof API_AREAS)[number];

/** An answer that is no JSON. */
export interface ApiContent {
  /** `application/octet-stream` for any. */
  type: string;
  says: TextKey;
}

/** What there is to know of a route: its requests are checked by it, and the OpenAPI document is made from it. */
export interface ApiRoute {
  area: ApiArea;
  /** Key of the sentence that says what it is for. */
  summary: TextKey;
  /** What the token has to allow; null: no token is needed. */
  scope: TokenScope | null;
  /** An object that is strict about names. */
  query?: z.ZodType;
  /** Of the JSON in the request. */
  body?: z.ZodType;
  /** Headers of the request that it knows. */
  headers?: Readonly<Record<string, TextKey>>;
  /** Null: nothing, with status 204. */
  answer: z.ZodType | ApiContent | null;
  /** Of the answer; default 200, or 204 without one. */
  status?: number;
  /** Answers with other statuses. */
  others?: Readonly<Record<number, z.ZodType | ApiContent>>;
  /** Headers of the answer. */
  answerHeaders?: Readonly<Record<string, TextKey>>;
  /** For the example on the page about the API: query and JSON of one request. */
  example?: { query?: Readonly<Record<string, string>>; body?: unknown };
}

export function statusOf({ status, answer }: Pick<ApiRoute, 'status' | 'answer'>): number {
  return status ?? (answer === null ? 204 : 200);
}

export function isContent(answer: z.ZodType | ApiContent): answer is ApiContent {
  return 'says' in answer && typeof answer.says === 'string';
}

/** Below which the routes of programs lie, as `Controller` takes it. */
export const API_ROOT = API_PATH.slice(1);
