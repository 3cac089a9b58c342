import { HttpException } from '@nestjs/common';
import {
  ConflictError,
  DomainError,
  ForbiddenError,
  InvalidInputError,
  LimitError,
  LockedError,
  LoginRequiredError,
  NotFoundError,
  TooManyRequestsError,
  UnavailableError,
  UnclearError,
} from '../../common/errors';
import { text, type TextKey, type TextValues } from '../../locales/text';

/** A failed request in the words of its page. */
export interface Failure {
  status: number;
  heading: string;
  sentence: string;
  retryAfterSeconds?: number;
  /** Of the sentence, and what was filled in: for scripts that act on it. */
  key?: TextKey;
  values?: TextValues;
}

const STATUS = new Map<unknown, number>([
  [UnclearError, 400],
  [NotFoundError, 404],
  [ForbiddenError, 403],
  [LoginRequiredError, 401],
  [InvalidInputError, 422],
  [ConflictError, 409],
  [LockedError, 423],
  [TooManyRequestsError, 429],
  [LimitError, 413],
  [UnavailableError, 503],
]);

const HEADINGS: Partial<Record<number, TextKey>> = {
  400: 'errors.headingBadRequest',
  401: 'errors.headingLogIn',
  403: 'errors.headingRefused',
  405: 'errors.headingWrongMethod',
  409: 'errors.headingConflict',
  413: 'errors.headingTooLarge',
  422: 'errors.headingBadInput',
  423: 'errors.headingConflict',
  429: 'errors.headingTooMany',
  503: 'errors.headingUnavailable',
  507: 'errors.headingDiskFull',
};

/** Sentences of our own for what frameworks and the system throw. */
const SENTENCES: Partial<Record<number, TextKey>> = {
  401: 'errors.loginRequired',
  403: 'errors.explainForbidden',
  405: 'errors.explainWrongMethod',
  413: 'errors.tooLarge',
  503: 'errors.unavailable',
  507: 'errors.diskFull',
};

/** Codes of mysql2, and names of TypeORM: the database cannot be reached. */
const AWAY =
  /^(PROTOCOL_CONNECTION_LOST|POOL_CLOSED|ER_SERVER_SHUTDOWN|ER_CON_COUNT_ERROR|CannotExecuteNotConnectedError|ConnectionIsNotSetError)$/;
/** Codes of Node that say the same of a connection to the database, but may be of any other. */
const CUT_OFF = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** What drivers say, without a code, of a connection that was closed: this process is about to end. */
const CLOSED = /The database connection is not open|Pool is closed/;
/** Codes of mysql2 and SQLite that pass: the database is busy. */
const BUSY = /^(ER_LOCK_WAIT_TIMEOUT|ER_LOCK_DEADLOCK|ER_CHECKREAD|SQLITE_BUSY\w*|SQLITE_IOERR\w*)$/;
/** After so long it is worth another try. */
const AWAY_SECONDS = 60;
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL']);

/** Finds the words for anything that was thrown. What nobody planned is a 500, and tells nothing of itself. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof DomainError) return { ...describeDomainError(error), key: error.key, values: error.values };
  const status = statusOf(error);
  if (status === 404) return nothingHere(text('errors.notFound'));
  if (isAway(error)) {
    return { status, heading: headingOf(status), sentence: text('errors.databaseAway'), retryAfterSeconds: AWAY_SECONDS };
  }
  if (status < 500) return { status, heading: headingOf(status), sentence: text(SENTENCES[status] ?? 'errors.badRequest') };
  if (status === 500) return { status, heading: text('errors.unexpected'), sentence: text('errors.explainUnexpected') };
  return { status, heading: headingOf(status), sentence: text(SENTENCES[status] ?? 'errors.unavailable') };
}

function describeDomainError(error: DomainError): Failure {
  // Not InvalidInputError's 422: the browser may not even show a form for it.
  const status = error.key === 'errors.badHost' ? 400 : (STATUS.get(error.constructor) ?? 500);
  if (status === 404) return nothingHere(error.message, error.key === 'shares.over' ? 'shares.explainOver' : undefined);
  if (error.key === 'errors.forbidden') return { status, heading: error.message, sentence: text('errors.explainForbidden') };
  const failure = { status, heading: headingOf(status), sentence: error.message };
  return error instanceof TooManyRequestsError ? { ...failure, retryAfterSeconds: error.retryAfterSeconds } : failure;
}

/** @param message becomes the heading, so without its full stop. */
function nothingHere(message: string, sentence: TextKey = 'errors.explainNotFound'): Failure {
  return { status: 404, heading: message.replace(/[.。]$/, ''), sentence: text(sentence) };
}

function headingOf(status: number): string {
  return text(HEADINGS[status] ?? (status < 500 ? 'errors.headingBadRequest' : 'errors.unexpected'));
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const code = codeOf(error);
  if (isAway(error) || BUSY.test(code)) return 503;
  if (DISK_FULL.has(code)) return 507;
  // Body parsers and the like throw errors with a status of 4xx; any other number is not theirs to choose.
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (AWAY.test(code)) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === 'QueryFailedError') return CUT_OFF.test(code) || CLOSED.test(error.message);
  // mysql2 says so of connections that are lost or were never made.
  return CUT_OFF.test(code) && (error as { fatal?: unknown }).fatal === true;
}

function codeOf(error: unknown): string {
  const { code, name, driverError } = (error ?? {}) as { code?: unknown; name?: unknown; driverError?: { code?: unknown } };
  const first = [code, driverError?.code, name].find((one) => typeof one === 'string');
  return typeof first === 'string' ? first : '';
}
