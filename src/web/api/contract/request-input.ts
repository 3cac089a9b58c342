import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import { InvalidFieldsError, UnclearError } from '../../../common/errors';
import { faultsIn, sentenceOf } from './faults';

/** What came with a request, as the schemas of its route have read it. */
export interface RequestInput {
  query: unknown;
  body: unknown;
}

const inputs = new WeakMap<Request, RequestInput>();

/** @throws InvalidFieldsError, UnclearError, UnsupportedMediaTypeException. */
export function checkInput(request: Request, schemas: { query?: z.ZodType; body?: z.ZodType }): void {
  const query = schemas.query && read(schemas.query, request.query);
  inputs.set(request, { query, body: schemas.body && read(schemas.body, bodyOf(request)) });
}

/** To be asked after the check. */
export function readInput(request: Request): RequestInput {
  return inputs.get(request) ?? { query: undefined, body: undefined };
}

function bodyOf(request: Request): unknown {
  if (request.body !== undefined) return request.body as unknown;
  if (hasBody(request)) throw new UnsupportedMediaTypeException();
  throw new UnclearError('api.bodyMissing');
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value, { error: sentenceOf });
  if (result.success) return result.data;
  throw new InvalidFieldsError('api.wrongFields', faultsIn(result.error));
}
