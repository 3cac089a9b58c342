import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { DirectoryGroups } from '../../../common/groups/directory-groups';
import { IdentitiesRepository } from '../../../common/identities/identities.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { text } from '../../../locales/text';
import { ConnectionMails } from './connection-mails';
import { instituteWays } from './institute-ways.view';
import { sourceTitle } from './source-title';

/** What the page of one's account says of the institute. */
export interface InstituteSection {
  identities: { key: string; name: string; institute: string; sinceMs: number; mayGo: boolean }[];
  /** Links by which one more is connected. */
  ways: { path: string; title: string }[];
  /** That a directory is connected by logging in with it; null where there is none. */
  directory: string | null;
}

/** The people of the institute to whom an account belongs. */
@Injectable()
export class AccountIdentities {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly groups: DirectoryGroups,
    private readonly users: UsersRepository,
    private readonly mails: ConnectionMails,
    private readonly config: AppConfig,
  ) {}

  /** @returns null where there is nothing of it. */
  async of({ id }: User, request: Request): Promise<InstituteSection | null> {
    const all = await this.identities.ofUser(id);
    const { buttons, directory } = instituteWays(this.config, request);
    if (all.length === 0 && buttons.length === 0 && directory === null) return null;
    const identities = all.map(({ keyHash, name, source, linkedMs, madeAccount }) => {
      return { key: keyHash, name, institute: sourceTitle(source, this.config), sinceMs: linkedMs, mayGo: !madeAccount };
    });
    const has = (source: string) => all.some((one) => one.source === source);
    const ways = buttons
      .filter(({ source }) => !has(source))
      .map(({ path, source }) => ({ path, title: sourceTitle(source, this.config) }));
    const asksDirectory = directory !== null && !has('ldap');
    return {
      identities,
      ways,
      directory: asksDirectory ? text('institute.directoryConnect', { title: sourceTitle('ldap', this.config) }) : null,
    };
  }

  /**
   * The account does not belong to that person any more: what the institute let them do ends with it.
   * @returns what that was called; null when it was none of the account, or is the one that made it.
   */
  async remove(person: User, key: string): Promise<string | null> {
    const { id } = person;
    const identity = (await this.identities.ofUser(id)).find(({ keyHash }) => keyHash === key);
    if (!identity || !(await this.identities.unlink(key, id))) return null;
    if (identity.madeAdmin) await this.users.setAdmin(id, false);
    await this.groups.follow(id, []);
    await this.mails.write('disconnected', person, identity);
    return identity.name;
  }
}
