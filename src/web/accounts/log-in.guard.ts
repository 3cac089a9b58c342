import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { DomainError, InvalidInputError } from '../../common/errors';
import type { Settled } from './institute/institute-accounts';

const PROPERTY = 'logInAttempt';

/** What came of a log-in: somebody, or the reason to show above the form. */
export type LogInAttempt = Settled | { refusal: DomainError };

type WithAttempt = Request & { [PROPERTY]?: LogInAttempt };

/** Lets passport check the form and leaves the outcome to the handler, which shows the form again rather than an error page. */
@Injectable()
export class LogInGuard extends AuthGuard('local') {
  override getAuthenticateOptions(): { property: string; session: boolean } {
    return { property: PROPERTY, session: false };
  }

  /** Passport gives an error, a person, or neither when a field was empty. */
  override handleRequest<Outcome = LogInAttempt>(error: unknown, settled: Settled | false): Outcome {
    return attemptOf(error, settled) as Outcome;
  }
}

/** The outcome of `LogInGuard`. */
export const CheckedLogIn = createParamDecorator((_data: unknown, context: ExecutionContext): LogInAttempt => {
  const attempt = context.switchToHttp().getRequest<WithAttempt>()[PROPERTY];
  if (!attempt) throw new Error('CheckedLogIn needs LogInGuard');
  return attempt;
});

function attemptOf(error: unknown, settled: Settled | false): LogInAttempt {
  if (error instanceof DomainError) return { refusal: error };
  if (error) throw error;
  return settled || { refusal: new InvalidInputError('accounts.wrongLogin', {}, 'form') };
}
