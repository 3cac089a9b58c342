import { SetMetadata } from '@nestjs/common';
import type { AuditedAction } from './action-words';

export const AUDITED = 'audit:action';
export const NOT_AUDITED = 'audit:reason';

/** Names what a handler changes, for the audit log: `project.rename`. Every handler that is no GET needs this, or `NotAudited`. */
export const Audited = (action: AuditedAction): MethodDecorator => SetMetadata(AUDITED, action);

/** Says why what a handler does is nothing for the audit log. */
export const NotAudited = (reason: string): MethodDecorator => SetMetadata(NOT_AUDITED, reason);
