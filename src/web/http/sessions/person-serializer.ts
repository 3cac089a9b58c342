import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { PassportSerializer } from '@nestjs/passport';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';

type Done<Value> = (error: unknown, value?: Value) => void;

/** A session names its person by id; the row is read anew at each request, so that a deleted person or a lost right counts at once. */
@Injectable()
export class PersonSerializer extends PassportSerializer {
  constructor(private readonly users: UsersRepository) {
    super();
  }

  override serializeUser(person: User, done: Done<string>): void {
    done(null, person.id);
  }

  override deserializeUser(id: string, done: Done<User | false>): void {
    callbackify(async () => (await this.users.findById(id)) ?? false)(done);
  }
}
