import { type DomainError, TooManyRequestsError } from '../../common/errors';
import { parseEmail } from '../../common/users/email-address';
import type { DeedNote } from '../http/audit/deeds';

/** Tries that a limit of their number stopped are no entries: however many there are, the log grows no faster than that limit lets it. */
export function refusedLogIn(entered: string, refusal: DomainError): DeedNote {
  if (refusal instanceof TooManyRequestsError) return { isNothing: true };
  // Some type their password into this field.
  const name = isEmail(entered) ? entered.trim().toLowerCase() : '';
  return { isRefused: true, object: { kind: 'person', name }, details: { why: refusal.key } };
}

function isEmail(entered: string): boolean {
  try {
    return parseEmail(entered) !== '';
  } catch {
    return false;
  }
}
