/**
 * The family of errors that Showrunner raises on purpose. None knows HTTP: `web/http/error-page.filter.ts` maps them to pages,
 * the runner writes them on the run. `key` names the sentence in `locales/`, so that a page can say it in the reader's language;
 * `message` is the English sentence, for logs.
 */
import { text, type TextKey, type TextValues } from '../locales/text';

export abstract class DomainError extends Error {
  constructor(
    readonly key: TextKey,
    readonly values: TextValues = {},
  ) {
    super(text(key, values));
    this.name = new.target.name;
  }
}

/** What was asked for is not there, or is not the asker's to see. */
export class NotFoundError extends DomainError {}

/** The asker is known and may not do this. */
export class ForbiddenError extends DomainError {}

/** The asker has to log in first. */
export class LoginRequiredError extends DomainError {}

/** Whoever sent it has to say it otherwise: as it is, it means two things, or nothing. */
export class UnclearError extends DomainError {}

/** Something entered is wrong. `field` names the form field where one is to blame. */
export class InvalidInputError extends DomainError {
  constructor(
    key: TextKey,
    values: TextValues = {},
    readonly field?: string,
  ) {
    super(key, values);
  }
}

/** The state of things does not allow it now: a taken name, a run that has ended. */
export class ConflictError extends DomainError {}

/** Somebody else is at work on the same thing; trying again in a moment may work. */
export class LockedError extends DomainError {}

/** Too many tries; `retryAfterSeconds` says when the next one counts. */
export class TooManyRequestsError extends DomainError {
  constructor(
    key: TextKey,
    readonly retryAfterSeconds: number,
  ) {
    super(key, { seconds: retryAfterSeconds, minutes: Math.ceil(retryAfterSeconds / 60) });
  }
}

/** A limit of space or size was met. */
export class LimitError extends DomainError {}

/** The service cannot do it now (disk full, database away); trying again later may work. */
export class UnavailableError extends DomainError {}

/** The process cannot start; the message is complete for the operator and is printed without a stack. */
export class StartupError extends Error {
  constructor(
    message: string,
    readonly exitStatus = 1,
  ) {
    super(message);
    this.name = 'StartupError';
  }
}
