import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import { RunnersRepository, type RunnerStanding } from '../../common/queue/runners.repository';
import type { User } from '../../common/users/user.entity';
import { obstaclesAmong } from '../../common/waiting/obstacles.service';
import { takesRuns } from '../../common/waiting/situation';
import { OpenPipelines } from '../http/access/open-pipelines';
import { obstacleInWords, offInWords } from '../projects/pipeline-list.view';
import { text } from '../../locales/text';
import { QueuePage } from '../queue/queue-page.service';

/** A pipeline in the list of what can be run here. */
interface PipelineRow {
  id: string;
  title: string;
  summary: string;
  takes: string;
  gives: string;
  icon: string;
  /** Seconds that it usually takes; null when nobody has run it lately. */
  usually: number | null;
  /** Why no run of it would start here, a sentence; null where one would. */
  obstacle: string | null;
}

/** What can be run here, and how busy it is: for `partials/pipelines-panel.hbs`. */
export interface OfferView {
  pipelines: PipelineRow[];
  /** Whether the time of any of them is known. */
  hasTimes: boolean;
  /** `runners` take runs now; some of those that live may be paused, drained or in trouble. */
  activity: { runners: number; isAnyAlive: boolean; waiting: number };
}

/** What this installation offers to somebody. */
@Injectable()
export class Offer {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly figures: QueueFiguresRepository,
    private readonly runners: RunnersRepository,
    private readonly queue: QueuePage,
    private readonly config: AppConfig,
  ) {}

  /** @param person null: somebody who is not logged in. */
  async view(person: User | null): Promise<OfferView> {
    const { runners } = await this.runners.all(this.config.settings.RUNNER_STALE);
    const pipelines = await this.pipelineRows(person, runners);
    return {
      pipelines,
      hasTimes: pipelines.some(({ usually }) => usually !== null),
      activity: {
        runners: runners.filter(takesRuns).length,
        isAnyAlive: runners.some(({ isAlive }) => isAlive),
        waiting: await this.queue.countWaiting(),
      },
    };
  }

  /** What can start here stands first. */
  private async pipelineRows(person: User | null, runners: readonly RunnerStanding[]): Promise<PipelineRow[]> {
    const open = (await this.pipelines.list(person)).map(({ pipeline, offNote }) => ({ ...inReadersWords(pipeline), offNote }));
    const manifests = open.map(({ manifest }) => manifest);
    const obstacles = obstaclesAmong(manifests, runners);
    const rows = await Promise.all(
      open.map(async ({ manifest, offNote }): Promise<PipelineRow> => {
        const { id, title, summary, takes, gives, icon } = manifest;
        const found = obstacles.get(id);
        // That no runner is alive stands above the table, once for all.
        // Whoever is not logged in learns that it does not work, and nothing of the machines.
        const words = (obstacle: NonNullable<typeof found>) => (person ? obstacleInWords(obstacle) : text('home.notNow'));
        const hindrance = found && found.kind !== 'noRunner' ? words(found) : null;
        const obstacle = offNote === null ? hindrance : offInWords(offNote);
        return { id, title, summary, takes, gives, icon, usually: await this.figures.typicalSeconds(id), obstacle };
      }),
    );
    return rows.sort((one, other) => Number(one.obstacle !== null) - Number(other.obstacle !== null));
  }
}
