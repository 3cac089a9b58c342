import type { Request, Response } from 'express';
import type { AppConfig } from '../../../common/config/app-config';
import { type DomainError, TooManyRequestsError } from '../../../common/errors';
import { tellAudit } from '../../http/audit/deeds';
import { describeFailure } from '../../http/failure';
import { asFormErrors, showAgain } from '../../http/form';
import { accountForm, statusOf } from '../account-form.view';

/** The log-in page again, with what was wrong and every other way to log in. Anything that nobody planned is thrown on. */
export function showRefusal(error: unknown, next: unknown, config: AppConfig, request: Request, response: Response): void {
  const errors = asFormErrors(error);
  const refusal = error as DomainError;
  if (refusal instanceof TooManyRequestsError) tellAudit(request, { isNothing: true });
  else tellAudit(request, { isRefused: true, details: { why: refusal.key } });
  const status = refusal instanceof TooManyRequestsError ? statusOf(error, response) : describeFailure(error).status;
  const shown = errors['form'] === undefined ? { form: refusal.message } : errors;
  showAgain(response, 'accounts/login', accountForm('logIn', config, request, { next }), shown, status);
}
