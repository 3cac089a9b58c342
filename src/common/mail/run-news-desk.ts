import { Injectable, Logger } from '@nestjs/common';
import { Memberships } from '../members/memberships';
import type { Project } from '../projects/project.entity';
import { ProjectsRepository } from '../projects/projects.repository';
import { isFinal } from '../queue/run-state';
import type { RunEvent } from '../queue/run.entity';
import { parseEmail } from '../users/email-address';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { WebhookDesk } from '../webhooks/webhook-desk';
import type { MailKind } from './mail.entity';
import { OutboxRepository } from './outbox.repository';
import { RunMails, type RunNews } from './run-mails';

interface MailTopic {
  event: RunEvent;
  kind: MailKind;
  /** With run and kind it makes the mail unique. */
  attempt: number;
}

/**
 * Turns events of runs into mails in the outbox, and into messages to webhooks. First the mail is written, then the event is marked: whoever dies in between, or does
 * it at the same time, repeats an insert that the unique index ignores.
 */
@Injectable()
export class RunNewsDesk {
  private readonly logger = new Logger('Mail');

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly mails: RunMails,
    private readonly memberships: Memberships,
    private readonly webhooks: WebhookDesk,
  ) {}

  /**
   * @param limit events to look at.
   * @returns whether there may be more.
   */
  async writeMails(limit: number): Promise<boolean> {
    const events = await this.outbox.findUnmailed(limit);
    await this.writeAll(events.flatMap((event) => topicOf(event) ?? []));
    await this.webhooks.write(events);
    await this.outbox.markMailed(events.map((event) => event.id));
    return events.length === limit;
  }

  private async writeAll(topics: readonly MailTopic[]): Promise<void> {
    const runs = byId(await this.outbox.findRuns([...new Set(topics.map(({ event }) => event.runId))]));
    const owners = byId(await this.users.findByIds([...new Set([...runs.values()].map((run) => run.ownerId))]));
    const projects = byId(await this.projects.findByIds([...new Set([...runs.values()].map((run) => run.projectId))]));
    for (const topic of topics) {
      const run = runs.get(topic.event.runId);
      const owner = run && owners.get(run.ownerId);
      // Guests have no address, people who leave get no more mails; a run without a row was cleaned away.
      if (!run || !owner || owner.kind !== 'account' || owner.email === null || owner.leavingMs !== null) continue;
      const project = projects.get(run.projectId) ?? null;
      if (await this.mayRead(owner, project)) await this.writeOne(topic, owner.email, { run, project });
    }
  }

  /** Whoever was taken out of the project hears nothing more of what is in it, also not of what they asked for. */
  private async mayRead(person: User, project: Project | null): Promise<boolean> {
    if (project === null || project.ownerId === person.id || person.isAdmin) return true;
    return (await this.memberships.roleOf(person, project)) !== null;
  }

  private async writeOne(topic: MailTopic, email: string, about: Pick<RunNews, 'run' | 'project'>): Promise<void> {
    const written = await this.compose(topic, email, about);
    if (!written) return;
    await this.outbox.write({ runId: about.run.id, kind: topic.kind, attempt: topic.attempt, ...written });
  }

  /** A mail that cannot be written is a defect for the log; it must not hold up the mails behind it. */
  private async compose({ event, kind }: MailTopic, email: string, about: Pick<RunNews, 'run' | 'project'>) {
    try {
      const news: RunNews = { ...about, atMs: event.atMs, note: event.note };
      const written = kind === 'started' ? this.mails.started(news) : await this.mails.ended(news);
      return { recipient: parseEmail(email), ...written };
    } catch (error) {
      this.logger.error(`No mail about run ${about.run.id} (${kind})`, error instanceof Error ? error.stack : String(error));
      return null;
    }
  }
}

/** Which mail an event asks for; null for most. A take-over, or sight of a run that was lost from view, is no start. */
function topicOf(event: RunEvent): MailTopic | null {
  if (isFinal(event.toState)) return { event, kind: 'finished', attempt: event.attempt };
  // By starts and not by attempt: a start that is taken back because nothing had begun is not told a second time.
  if (event.fromState === 'starting' && event.toState === 'running') return { event, kind: 'started', attempt: event.starts };
  return null;
}

function byId<Row extends { id: string | number }>(rows: readonly Row[]): Map<Row['id'], Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
