import { promisify } from 'node:util';
import type { Request, Response } from 'express';
import type { User } from '../../../common/users/user.entity';
import { plainAddress } from '../addresses';
import { cookieOptions, COOKIES } from '../cookies';

const MOST_AGENT = 300;

/**
 * Starts a new session for the person. It gets a new id, so that one that somebody planted in the browser is worth nothing, and it is
 * stored before the answer goes: the next request may be faster than the write.
 * @param leave leaves something in the new session.
 */
export async function startSession(request: Request, person: User, leave: () => void = () => undefined): Promise<void> {
  await promisify((done: (error?: unknown) => void) => request.session.regenerate(done))();
  request.session.personId = person.id;
  request.session.provedMs = Date.now();
  request.session.from = { agent: (request.headers['user-agent'] ?? '').slice(0, MOST_AGENT), address: plainAddress(request.ip) };
  request.user = person;
  leave();
  await promisify((done: (error?: unknown) => void) => request.session.save(done))();
}

/** Ends the session in the database and in the browser. */
export async function endSession(request: Request, response: Response): Promise<void> {
  await promisify((done: (error?: unknown) => void) => request.session.destroy(done))();
  response.clearCookie(COOKIES.session, cookieOptions(response));
}
