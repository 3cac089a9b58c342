import { SetMetadata } from '@nestjs/common';
import type { AccessRule } from './policy';

export const ACCESS_RULE = 'access:rule';

/** Who may call this handler. Every handler needs one: without it the guard refuses everybody, and a test fails. */
export const Access = (rule: AccessRule): MethodDecorator => SetMetadata(ACCESS_RULE, rule);

export const CHANGES_NOTHING = 'access:changesNothing';

/** For handlers of forms that are questions: what they answer to a POST, people may have who only look. */
export const ChangesNothing = (): MethodDecorator => SetMetadata(CHANGES_NOTHING, true);
