import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DomainError } from '../../common/errors';
import { AccountMails } from '../../common/mail/account-mails';
import type { ProjectRole } from '../../common/members/project-member.entity';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { RateLimits } from '../http/rate-limits';

/** Tells people by mail that a project was shared with them. Addresses without an account get none: anybody could have them filled. */
@Injectable()
export class SharingMails {
  private readonly logger = new Logger(SharingMails.name);

  constructor(
    private readonly mails: AccountMails,
    private readonly limits: RateLimits,
    private readonly config: AppConfig,
  ) {}

  /** Never throws: who is let in is let in, with or without a mail. */
  async tell(address: string, owner: User, project: Project, role: ProjectRole): Promise<void> {
    try {
      await this.limits.take('sharing', owner.id);
      await this.limits.take('sharingTo', owner.id, address);
      const values = { name: owner.displayName, project: project.name };
      await this.mails.write(role === 'run' ? 'sharedToRun' : 'shared', address, {
        link: `${this.config.publicUrl}/projects/${project.id}`,
        values,
      });
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.error(`A mail about a shared project could not be written: ${String(error)}`);
    }
  }
}
