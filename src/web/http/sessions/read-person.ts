import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../../common/config/app-config';
import type { UsersRepository } from '../../../common/users/users.repository';
import { isDemo } from '../../../common/users/demo';
import { isGuestHere } from '../guest-keys';

/**
 * Finds out whose session it is. The row is read anew at each request, so that a deleted person or a lost right counts at once.
 * Written here because passport keeps its session readers in one global list, shared by all applications of a process.
 */
export function readPerson(users: UsersRepository, config: AppConfig): RequestHandler {
  return async (request: Request, _response: Response, next: NextFunction) => {
    // Probes and programs have no session.
    const id = (request.session as Request['session'] | undefined)?.personId;
    const person = id === undefined ? null : await users.findById(id);
    // A demo account shows its own things to everybody who knows its password, and never those of others.
    if (person && person.leavingMs === null && person.suspendedMs === null && isGuestHere(config, person, request))
      request.user = isDemo(config, person) ? Object.assign(person, { isAdmin: false }) : person;
    // A page that keeps itself live does not prove that somebody sits before it.
    if (request.session?.stored && isAskedByPage(request)) request.session.stored.extend = false;
    next();
  };
}

/** Event streams cannot have headers of ours, and are opened again and again by themselves. */
function isAskedByPage({ headers }: Request): boolean {
  return headers['x-live'] !== undefined || headers.accept === 'text/event-stream';
}
