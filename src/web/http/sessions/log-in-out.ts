import type { Request, Response } from 'express';
import type { User } from '../../../common/users/user.entity';
import { cookieOptions, COOKIES } from '../cookies';

/** Starts a new session for the person under a new id (an id that somebody planted is worth nothing), stored before the answer goes. */
export function startSession(request: Request, person: User): Promise<void> {
  return new Promise((resolve, reject) => {
    request.logIn(person, (error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** Ends the session in the database and in the browser. */
export function endSession(request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.destroy((error: unknown) => {
      if (error) return reject(error);
      response.clearCookie(COOKIES.session, cookieOptions(response));
      resolve();
    });
  });
}
