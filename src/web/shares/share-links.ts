import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeepLonger } from '../../common/cleaning/keep-longer';
import { ConflictError, InvalidInputError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SharesRepository } from '../../common/shares/shares.repository';
import type { User } from '../../common/users/user.entity';
import { Policy } from '../http/access/policy';
import { hashOfKey } from '../../common/keys';

/** What the link shall open: a run of the project, or all of it. */
export interface ShareWish {
  projectId: string;
  runId: number | null;
  note: string;
  /** One of `SHARE_DAYS`, as it was sent. */
  days: string;
}

/** Whose results stay. */
export interface KeepWish {
  person: User;
  project: Project;
  run: Run | null;
}

export const SHARE_DAYS = [1, 7, 30, 90, 365] as const;
const SECRET_BYTES = 32;
const MOST_NOTE = 200;
const MOST_OF_PROJECT = 100;
const DAY_MS = 86_400_000;

/** Makes links for people without an account. */
@Injectable()
export class ShareLinks {
  constructor(
    private readonly shares: SharesRepository,
    private readonly runs: RunsRepository,
    private readonly policy: Policy,
    private readonly keeping: KeepLonger,
  ) {}

  /**
   * @returns its id, and the secret of the new link, which is stored nowhere.
   * @throws InvalidInputError for a length that is not offered, or a note that is too long; ConflictError when the project has too many.
   */
  async make({ projectId, runId, note, days }: ShareWish): Promise<{ id: string; secret: string }> {
    const life = SHARE_DAYS.find((offered) => String(offered) === days);
    if (life === undefined) throw new InvalidInputError('shares.badDays', {}, 'days');
    const words = note.trim();
    if (words.length > MOST_NOTE) throw new InvalidInputError('shares.longNote', { most: MOST_NOTE }, 'note');
    if ((await this.shares.ofProject(projectId)).length >= MOST_OF_PROJECT)
      throw new ConflictError('shares.tooMany', { most: MOST_OF_PROJECT });
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const id = randomUUID();
    const share = { id, tokenHash: hashOfKey(secret), projectId, runId, note: words };
    await this.shares.add(share, life * DAY_MS);
    return { id, secret };
  }

  /**
   * Exempts what is shared from the cleaner: a run that is over, or all such runs of the project. Nothing where it is not the person's.
   * @returns the run as it is now.
   */
  async keep({ person, project, run }: KeepWish): Promise<Run | null> {
    if (!run) {
      await this.keeping.keepAllAsOwner(project.id);
      return null;
    }
    if (run.finishedMs === null || !this.policy.allows('runKeeper', { person, project, run })) return run;
    await this.keeping.keepAsOwner(run);
    return (await this.runs.find(run.id)) ?? run;
  }
}
