import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { freeSpace } from '../../common/files/free-space';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import { RunnersRepository, type RunnerStanding } from '../../common/queue/runners.repository';
import { programVersion } from '../http/site.view';
import { EventStreams } from '../live/event-streams.service';
import type { Metric, Sample } from './exposition';
import { MetricFiguresRepository } from './metric-figures.repository';
import { processMetrics } from './process-metrics';

/** What a monitor wants to know of the installation; `HttpMetrics` has what this process answers. */
@Injectable()
export class Metrics {
  constructor(
    private readonly config: AppConfig,
    private readonly queue: QueueFiguresRepository,
    private readonly runners: RunnersRepository,
    private readonly figures: MetricFiguresRepository,
    private readonly streams: EventStreams,
  ) {}

  async gather(): Promise<Metric[]> {
    return [
      ...processMetrics(programVersion(this.config)),
      ...(await this.ofQueue()),
      ...(await this.ofRunners()),
      ...(await this.ofDisk()),
    ];
  }

  private async ofQueue(): Promise<Metric[]> {
    const [counts, figures] = await Promise.all([this.queue.countsByState(), this.figures.read()]);
    const states = Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
    const mails = [
      { labels: { state: 'waiting' }, value: figures.mailsWaiting - figures.mailsFailing },
      { labels: { state: 'failing' }, value: figures.mailsFailing },
      { labels: { state: 'given_up' }, value: figures.mailsGivenUp },
    ];
    return [
      gauge('showrunner_runs', 'Runs that are not over, by state.', states),
      gauge('showrunner_oldest_queued_seconds', 'How long the oldest queued run has waited.', [{ value: figures.oldestQueuedMs / 1000 }]),
      gauge('showrunner_mails', 'Mails in the outbox that are not sent.', mails),
      gauge('showrunner_used_bytes', 'What all projects take, as last measured.', [{ value: figures.usedBytes }]),
      gauge('showrunner_reserved_bytes', 'Room that is promised to uploads and other work under way.', [{ value: figures.reservedBytes }]),
    ];
  }

  private async ofRunners(): Promise<Metric[]> {
    const { nowMs, runners } = await this.runners.all(this.config.settings.RUNNER_STALE);
    const held = new Map((await this.queue.aliveRunners(this.config.settings.RUNNER_STALE)).map((one) => [one.name, one.held]));
    const each = (value: (runner: RunnerStanding) => number): Sample[] =>
      runners.map((runner) => ({ labels: { runner: runner.name }, value: value(runner) }));
    return [
      gauge(
        'showrunner_runner_up',
        'Whether the runner lives.',
        each(({ isAlive }) => Number(isAlive)),
      ),
      gauge(
        'showrunner_runner_taking',
        'Whether it takes new runs.',
        each((one) => Number(one.isAlive && one.mode === 'active' && one.trouble === null)),
      ),
      gauge(
        'showrunner_runner_silent_seconds',
        'Since its last sign of life.',
        each(({ beatMs }) => Math.max(0, nowMs - beatMs) / 1000),
      ),
      gauge(
        'showrunner_runner_slots',
        'Its places.',
        each(({ slots }) => slots),
      ),
      gauge(
        'showrunner_runner_runs',
        'Runs that it holds.',
        each(({ name }) => held.get(name) ?? 0),
      ),
    ];
  }

  private async ofDisk(): Promise<Metric[]> {
    const folders = { files: this.config.filesRoot, runs: this.config.runsRoot };
    const free = Object.entries(folders).map(async ([folder, path]) => ({ labels: { folder }, value: await freeSpace(path) }));
    return [
      gauge('showrunner_free_bytes', 'Space that is free on the disk of a folder.', await Promise.all(free)),
      gauge('showrunner_event_streams', 'Open pages that are told news.', [{ value: this.streams.count() }]),
    ];
  }
}

function gauge(name: string, help: string, samples: Sample[]): Metric {
  return { name, type: 'gauge', help, samples };
}
