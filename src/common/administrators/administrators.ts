import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { MirrorsRepository } from '../external-users/mirrors.repository';
import { hasToConfirm } from '../users/confirmation-rule';
import { isDemo } from '../users/demo';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';

/** Who could look after the machine today, were it needed. */
@Injectable()
export class Administrators {
  constructor(
    private readonly users: UsersRepository,
    private readonly mirrors: MirrorsRepository,
    private readonly config: AppConfig,
  ) {}

  /**
   * Whether somebody else is there: an administrator who stays, may log in, and is no demo account, which looks on as one and steers
   * nothing.
   */
  async areThereBeside(id: string): Promise<boolean> {
    for (const person of await this.users.findAdministrators()) {
      if (person.id !== id && !isDemo(this.config, person) && !hasToConfirm(this.config, person) && !(await this.isShutOut(person)))
        return true;
    }
    return false;
  }

  private async isShutOut({ id }: User): Promise<boolean> {
    const mirror = await this.mirrors.findByUser(id);
    return mirror !== null && mirror.endedMs !== null;
  }
}
