import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { FactsRepository } from '../../../src/common/database/facts.repository';
import { OwnerTransactions } from '../../../src/common/database/owner-transactions';
import { Fact } from '../../../src/common/database/fact.entity';
import { OutboxFiles } from '../../../src/common/files/outbox-files';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { Group, GroupMember } from '../../../src/common/groups/group.entity';
import { GroupsRepository } from '../../../src/common/groups/groups.repository';
import { Mail } from '../../../src/common/mail/mail.entity';
import { MailDispatcher } from '../../../src/common/mail/mail-dispatcher';
import { MailTemplates } from '../../../src/common/mail/mail-templates';
import { FolderTransport, SmtpTransport } from '../../../src/common/mail/mail-transport';
import { MailServerRepository } from '../../../src/common/mail/mail-server.repository';
import { OutboxRepository } from '../../../src/common/mail/outbox.repository';
import { RunMails } from '../../../src/common/mail/run-mails';
import { RunNewsDesk } from '../../../src/common/mail/run-news-desk';
import { Askers } from '../../../src/common/members/asker';
import { Memberships } from '../../../src/common/members/memberships';
import { ProjectMember } from '../../../src/common/members/project-member.entity';
import { ProjectMembersRepository } from '../../../src/common/members/project-members.repository';
import { Project } from '../../../src/common/projects/project.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import type { Ending, NewRun, QueueStore, RunnerIdentity } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Run, RunDetails, RunEvent } from '../../../src/common/queue/run.entity';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { Webhook, WebhookDelivery } from '../../../src/common/webhooks/webhook.entity';
import { WebhookDeliveriesRepository } from '../../../src/common/webhooks/webhook-deliveries.repository';
import { WebhookDesk } from '../../../src/common/webhooks/webhook-desk';
import { WebhooksRepository } from '../../../src/common/webhooks/webhooks.repository';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aCapacity, aNewRun, aProject } from '../../factories';

const RUNNER: RunnerIdentity = { ...aCapacity({ slots: 4 }), name: 'r1', incarnation: 'i1', host: 'h', bootId: 'b', pokeAddress: null };
const HANDLE = { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' } as const;

/** A database with a queue and the means to make runs live through their states, as a runner does. */
export class MailBench {
  private constructor(
    readonly database: TestDatabase,
    readonly dataSource: DataSource,
    readonly store: QueueStore,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<MailBench> {
    Logger.overrideLogger(false);
    const database = await openTestDatabase(settings);
    const dataSource = await database.connect();
    const store = openQueueStore(database.config, dataSource, new DatabaseMutex());
    await store.registerRunner(RUNNER);
    return new MailBench(database, dataSource, store);
  }

  /** A dispatcher with a connection of its own, as in a process of its own. */
  async dispatcher(smtpUrl?: string): Promise<MailDispatcher> {
    const { config } = this.database;
    const connection = await this.database.connect();
    const outbox = new OutboxRepository(connection.getRepository(Mail), connection.getRepository(RunEvent), connection.getRepository(Run));
    const mails = new RunMails(config, new MailTemplates(config), new ProjectFiles(config), new OutboxFiles(config));
    const users = new UsersRepository(connection.getRepository(User));
    const projects = new ProjectsRepository(connection.getRepository(Project), new OwnerTransactions(connection, new DatabaseMutex()));
    const groups = new GroupsRepository(connection.getRepository(Group), connection.getRepository(GroupMember));
    const members = new ProjectMembersRepository(connection.getRepository(ProjectMember));
    const runs = new RunsRepository(
      connection.getRepository(Run),
      connection.getRepository(RunDetails),
      connection.getRepository(RunEvent),
    );
    const hooks = new WebhooksRepository(connection.getRepository(Webhook));
    const deliveries = new WebhookDeliveriesRepository(connection.getRepository(WebhookDelivery), connection.getRepository(Webhook));
    const webhooks = new WebhookDesk(config, hooks, deliveries, runs, projects, users);
    const desk = new RunNewsDesk(outbox, users, projects, mails, new Memberships(members, new Askers(groups, config)), webhooks);
    const transport = smtpUrl === undefined ? new FolderTransport(config.mailDir) : new SmtpTransport(smtpUrl);
    return new MailDispatcher(
      config,
      new FactsRepository(connection.getRepository(Fact)),
      outbox,
      desk,
      transport,
      new MailServerRepository(connection.getRepository(Fact)),
    );
  }

  async addPerson(person: User): Promise<{ person: User; project: Project }> {
    const project = aProject({ ownerId: person.id, name: 'Spleen <4>' });
    await this.dataSource.getRepository(User).insert(person);
    await this.dataSource.getRepository(Project).insert(project);
    return { person, project };
  }

  async enqueue(over: Partial<NewRun>): Promise<number> {
    return (await this.store.enqueue(aNewRun(over))).runId;
  }

  /** queued → running. */
  async start(runId: number): Promise<Run> {
    const [run] = await this.store.claim(RUNNER, 1);
    if (run?.id !== runId) throw new Error(`Claimed ${run?.id} instead of ${runId}`);
    await this.store.authorise({ runId, fence: run.fence }, HANDLE);
    return run;
  }

  /** queued → running → final. */
  async live(runId: number, ending: Ending): Promise<void> {
    const { fence } = await this.start(runId);
    await this.store.finish({ runId, fence }, ending);
  }

  mails(): Promise<Mail[]> {
    return this.dataSource.getRepository(Mail).find({ order: { id: 'ASC' } });
  }

  /** Makes every waiting mail due, as if its pause were over. */
  async passTime(): Promise<void> {
    await this.dataSource.query('UPDATE mails SET next_try_ms = 0 WHERE sent_ms IS NULL');
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.database.close();
  }
}
