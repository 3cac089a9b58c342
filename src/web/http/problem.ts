import { MethodNotAllowedException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidFieldsError, InvalidInputError, LoginRequiredError, type FieldFault } from '../../common/errors';
import { text, type TextKey, type TextValues } from '../../locales/text';
import { basePathOf } from './addresses';
import { describeFailure, type Failure } from './failure';
import { methodsHere } from './methods-here';

const PROBLEM = 'application/problem+json; charset=utf-8';

/** A failed request for programs, after RFC 9457. */
export interface Problem {
  /** Leads to what this status means, on the page about the API. */
  type: string;
  /** The heading that a page would have. */
  title: string;
  status: number;
  /** The sentence that a page would say. */
  detail: string;
  /** Number of the request in the log. */
  instance: string;
  /** Name of the sentence, for programs that act on it; absent where it came from the system. */
  code?: TextKey;
  values?: TextValues;
  /** What is wrong with single fields. */
  errors?: FieldFault[];
}

/** Sentences that speak of pages, said to programs. */
const FOR_PROGRAMS: Partial<Record<number, TextKey>> = {
  400: 'api.badRequest',
  401: 'api.tokenRequired',
  405: 'api.wrongMethod',
  413: 'api.tooLarge',
  415: 'api.wantsJson',
};

/** Answers a failed request below `/api`. */
export function answerProblem(error: unknown, request: Request, response: Response): Failure {
  const methods = methodsHere(error, request);
  const failure = inWordsForPrograms(methods ? new MethodNotAllowedException() : error);
  if (response.headersSent) return failure;
  const { status } = failure;
  if (methods) response.setHeader('Allow', methods.join(', '));
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="showrunner"');
  if (failure.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(failure.retryAfterSeconds));
  // A stream or a file that had begun to describe itself.
  for (const name of ['Content-Disposition', 'Content-Length', 'Accept-Ranges', 'ETag', 'Last-Modified']) response.removeHeader(name);
  response
    .status(status)
    .type(PROBLEM)
    .send(JSON.stringify(problemOf(error, failure, request, response)));
  return failure;
}

function inWordsForPrograms(error: unknown): Failure {
  const failure = describeFailure(error);
  const isOurs = failure.key !== undefined && failure.key !== 'errors.loginRequired';
  const key = isBadJson(error) ? 'api.badJson' : FOR_PROGRAMS[failure.status];
  return isOurs || key === undefined ? failure : { ...failure, sentence: text(key), key };
}

/** What the parser of bodies throws, as Nest passes it on. */
function isBadJson(error: unknown): boolean {
  return (error as { cause?: { type?: unknown } } | null)?.cause?.type === 'entity.parse.failed';
}

function problemOf(error: unknown, failure: Failure, request: Request, response: Response): Problem {
  const { status, heading, sentence, key, values } = failure;
  const errors = faultsOf(error);
  return {
    type: `${basePathOf(response)}/help/api#status-${status}`,
    title: heading,
    status,
    detail: sentence,
    instance: request.id,
    ...(key === undefined ? {} : { code: key }),
    ...(values === undefined || Object.keys(values).length === 0 || error instanceof LoginRequiredError ? {} : { values }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}

function faultsOf(error: unknown): FieldFault[] {
  if (error instanceof InvalidFieldsError) return [...error.faults];
  return error instanceof InvalidInputError && error.field !== undefined ? [{ field: error.field, message: error.message }] : [];
}
