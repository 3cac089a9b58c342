import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { ChainLines, type ChainLine } from '../chains/chain-lines';
import { Permissions } from '../http/access/permissions';

/** What the page of a run says of the runs before and behind it. */
export interface RunChain {
  chains: ChainLine[];
  /** Whether its reader may ask for a run that follows it. */
  mayFollow: boolean;
}

/** The chain of a run, for those who may read all runs of its project. */
@Injectable()
export class RunChains {
  constructor(
    private readonly lines: ChainLines,
    private readonly permissions: Permissions,
  ) {}

  async of(person: User | null, project: Project | null, run: Run): Promise<RunChain> {
    if (!person || !project || !(await this.permissions.allows('projectReader', { person, project })))
      return { chains: [], mayFollow: false };
    const isOpen = run.state === 'succeeded' || !isFinal(run.state);
    return {
      chains: await this.lines.ofRun(run),
      mayFollow: isOpen && (await this.permissions.allows('projectRunner', { person, project })),
    };
  }
}
