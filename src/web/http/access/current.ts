import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import type { Grant } from './policy';

function attached<Value>(context: ExecutionContext, read: (request: Request) => Value | undefined, what: string): Value {
  const value = read(context.switchToHttp().getRequest<Request>());
  if (value === undefined)
    throw new Error(`${context.getClass().name}.${context.getHandler().name} has no ${what}: check its rule and its path`);
  return value;
}

/** The person who is logged in: `User`. For handlers of every rule but `anyone` and `newcomer`. */
export const CurrentPerson = createParamDecorator((_data: unknown, context: ExecutionContext): User =>
  attached(context, (request) => request.user, 'person'),
);

/** The person, or null: for handlers that `anyone` may call, or a `newcomer`. */
export const Visitor = createParamDecorator(
  (_data: unknown, context: ExecutionContext): User | null => context.switchToHttp().getRequest<Request>().user ?? null,
);

/** The `Project` of `:project`, or of the run of `:run`. */
export const CurrentProject = createParamDecorator((_data: unknown, context: ExecutionContext): Project =>
  attached(context, (request) => request.project, 'project'),
);

/** The link by which the browser came in; null for those who may read it anyway. */
export const CurrentGrant = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Grant | null => context.switchToHttp().getRequest<Request>().grant ?? null,
);

/** The `Run` of `:run`. */
export const CurrentRun = createParamDecorator((_data: unknown, context: ExecutionContext): Run =>
  attached(context, (request) => request.run, 'run'),
);
