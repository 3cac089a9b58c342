import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Project } from '../projects/project.entity';
import { ProjectsRepository } from '../projects/projects.repository';
import type { Run, RunEvent } from '../queue/run.entity';
import { RunsRepository } from '../queue/runs.repository';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { runPayload } from './webhook-payload';
import type { Webhook } from './webhook.entity';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository';
import { WebhooksRepository } from './webhooks.repository';

interface Around {
  runs: ReadonlyMap<number, Run>;
  projects: ReadonlyMap<string, Project>;
  owners: ReadonlyMap<string, User>;
}

/**
 * Turns events of runs into messages to webhooks, before the events are marked as told (see `RunNewsDesk`): whoever dies in between repeats
 * an insert that the unique index ignores.
 */
@Injectable()
export class WebhookDesk {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly config: AppConfig,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
  ) {}

  async write(events: readonly RunEvent[]): Promise<void> {
    const news = events.filter(({ fromState, toState }) => fromState !== toState);
    if (news.length === 0) return;
    const active = await this.webhooks.active();
    if (active.length === 0) return;
    const around = await this.around(news, active);
    for (const event of news)
      for (const webhook of active) if (isMeant(webhook, event, around)) await this.writeOne(webhook, event, around);
  }

  private async around(events: readonly RunEvent[], webhooks: readonly Webhook[]): Promise<Around> {
    const runs = await this.runs.findByIds([...new Set(events.map(({ runId }) => runId))]);
    const projects = await this.projects.findByIds([...new Set(runs.map(({ projectId }) => projectId))]);
    const owners = await this.users.findByIds([...new Set(webhooks.map(({ ownerId }) => ownerId))]);
    return { runs: byId(runs), projects: byId(projects), owners: byId(owners) };
  }

  /** One that cannot be written is a defect for the log; it must not hold up mails, nor the messages behind it. */
  private async writeOne(webhook: Webhook, event: RunEvent, { runs, projects }: Around): Promise<void> {
    const run = runs.get(event.runId);
    if (!run) return;
    try {
      const payload = runPayload(event, run, projects.get(run.projectId)?.name ?? null, this.config.publicUrl);
      await this.deliveries.write({ webhookId: webhook.id, eventId: event.id, runId: run.id, payload });
    } catch (error) {
      this.logger.error(`No message of run ${run.id} to webhook ${webhook.id}`, error instanceof Error ? error.stack : String(error));
    }
  }
}

/** Of a project only as long as its owner is whoever made it, and is let in. */
function isMeant(webhook: Webhook, event: RunEvent, { runs, projects, owners }: Around): boolean {
  const run = runs.get(event.runId);
  if (!run || !webhook.states.split(',').includes(event.toState)) return false;
  if (webhook.projectId === null) return webhook.pipelineId === run.pipelineId;
  const owner = owners.get(webhook.ownerId);
  if (webhook.projectId !== run.projectId || !owner || owner.suspendedMs !== null || owner.leavingMs !== null) return false;
  return projects.get(run.projectId)?.ownerId === owner.id;
}

function byId<Row extends { id: string | number }>(rows: readonly Row[]): Map<Row['id'], Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
