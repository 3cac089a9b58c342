import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-local';
import { fieldText } from '../http/form';
import type { Settled } from './institute/institute-accounts';
import { LogIn } from './log-in';

/** Passport's strategy of e-mail and password. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy) {
  constructor(private readonly logIn: LogIn) {
    super({ usernameField: 'email', passwordField: 'password', passReqToCallback: true });
  }

  /** passport-local also looks into the query, where a password would end up in logs: only the body counts here. */
  validate(request: Request): Promise<Settled> {
    const form: unknown = request.body;
    const stays = fieldText(form, 'stay') === 'yes';
    return this.logIn.check({ entered: fieldText(form, 'email'), password: fieldText(form, 'password'), address: request.ip, stays });
  }
}
