import { Injectable } from '@nestjs/common';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { refusalOf } from '../../common/space/fullness';
import { Space, type SpaceUse } from '../../common/space/space';
import { bytesOf, type ProjectShare } from '../../common/space/space-details';
import type { User } from '../../common/users/user.entity';
import { address } from '../views/helpers';

/** What is said of a full space, on whatever page: for `partials/space-alarm.hbs`. */
export interface SpaceAlarm {
  sentence: string;
  /** What frees most; none for those whose space it is not. */
  ways: SpaceWay[];
  /** Whether the reader may look at what is in it. */
  isOpen: boolean;
}

/** A place where something can be deleted. */
interface SpaceWay {
  what: 'project' | 'trash';
  /** Of the project. */
  name: string;
  bytes: number;
  /** Below the base path. */
  path: string;
}

/** Says that a space is full, and what helps: the one source for all pages. */
@Injectable()
export class SpaceAlarms {
  constructor(
    private readonly space: Space,
    private readonly projects: ProjectsRepository,
  ) {}

  /** @param use where it is known already. @returns null where there is room. */
  async of(reader: Pick<User, 'id'> & Partial<Pick<User, 'isAdmin'>>, ownerId: string, use?: SpaceUse): Promise<SpaceAlarm | null> {
    const refusal = refusalOf(use ?? (await this.space.useFor(ownerId)));
    if (!refusal) return null;
    const isMine = reader.id === ownerId;
    return { sentence: refusal.message, ways: isMine ? await this.waysOf(ownerId) : [], isOpen: isMine || reader.isAdmin === true };
  }

  /** As they were last measured: nobody waits for the disk here. */
  private async waysOf(ownerId: string): Promise<SpaceWay[]> {
    const shares = (await this.space.lastDetailsOf(ownerId))?.projects ?? [];
    const names = new Map((await this.projects.findByIds(shares.map((share) => share.projectId))).map(({ id, name }) => [id, name]));
    const known = shares.filter(({ projectId }) => names.has(projectId));
    const way = (what: SpaceWay['what'], amount: (share: ProjectShare) => number): SpaceWay[] => {
      const [largest] = [...known].sort((one, other) => amount(other) - amount(one));
      if (!largest || amount(largest) === 0) return [];
      const { projectId: id } = largest;
      const parts = what === 'trash' ? [id, 'trash'] : [id];
      return [{ what, name: names.get(id) ?? '', bytes: amount(largest), path: address('/projects', parts) }];
    };
    return [...way('project', (share) => bytesOf(share) - share.trash.bytes), ...way('trash', (share) => share.trash.bytes)];
  }
}
