import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SampleProject } from '../../common/projects/sample-project';
import type { User } from '../../common/users/user.entity';
import { redirect, safePath } from '../http/addresses';
import { COOKIES, cookieOptions, readCookie } from '../http/cookies';
import { flash } from '../http/flash';
import { startSession } from '../http/sessions/log-in-out';
import { GuestsWhoLogIn } from './guests-who-log-in';

/** Somebody who may come in. */
export interface Arriving {
  person: User;
  /** Who asked; a guest's work comes along. */
  visitor: User | null;
  /** Where they wanted to go; anything. */
  next: unknown;
  /** Whether the account was made a moment ago. */
  isNew?: boolean;
  /** What the session remembers of how they came. */
  by?: Request['session']['by'];
}

/** Starts the session of somebody who may come in, and leads them on. */
@Injectable()
export class Arrival {
  constructor(
    private readonly guests: GuestsWhoLogIn,
    private readonly sample: SampleProject,
  ) {}

  async enter({ person, visitor, next, isNew = false, by }: Arriving, request: Request, response: Response): Promise<void> {
    const word = visitor?.kind === 'guest' ? await this.guests.takeAlong(visitor, person) : null;
    if (word?.isMoved) response.clearCookie(COOKIES.guest, cookieOptions(response));
    if (readCookie(request, COOKIES.joining) !== undefined) response.clearCookie(COOKIES.joining, cookieOptions(response));
    if (isNew && !word?.isMoved) await this.sample.giveTo(person);
    await startSession(request, person, () => {
      if (by) request.session.by = by;
      if (word?.key) flash(request, word.kind, word.key, word.values);
    });
    redirect(response, safePath(next));
  }
}
