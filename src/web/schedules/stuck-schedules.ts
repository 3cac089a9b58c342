import { Injectable } from '@nestjs/common';
import { ScheduleMails } from '../../common/mail/schedule-mails';
import { Poke } from '../../common/queue/poke.service';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { momentInZone } from '../../common/schedules/cron-words';
import type { Reason, Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { parseEmail } from '../../common/users/email-address';
import { UsersRepository } from '../../common/users/users.repository';
import { reasonInWords } from './reason-words';

const NO_TROUBLE: ReadonlySet<string> = new Set<Reason['key']>(['schedules.whyRunning', 'schedules.whyPaused']);

/** Tells whoever made a schedule that it could not start: once, until it starts again. That an earlier run goes on is no trouble. */
@Injectable()
export class StuckSchedules {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly mails: ScheduleMails,
    private readonly poke: Poke,
  ) {}

  async tell(schedule: Schedule, tickMs: number, reason: Reason): Promise<void> {
    if (NO_TROUBLE.has(reason.key) || schedule.toldMs !== null) return;
    const owner = await this.users.findById(schedule.ownerId);
    if (!owner?.email || owner.leavingMs !== null) return;
    const { id, projectId, name, pipelineTitle, timeZone } = schedule;
    const project = await this.projects.findById(projectId);
    const mail = this.mails.stuck(() => ({
      id,
      projectId,
      name,
      pipelineTitle,
      projectName: project?.name ?? '',
      moment: momentInZone(tickMs, timeZone),
      why: reasonInWords(reason),
    }));
    await this.schedules.tell(schedule, parseEmail(owner.email), mail);
    void this.poke.pokeRunners();
  }
}
