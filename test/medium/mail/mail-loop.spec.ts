import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppConfig } from '../../../src/common/config/app-config';
import { MailDispatchModule } from '../../../src/common/mail/mail-dispatch.module';
import { MailLoop } from '../../../src/common/mail/mail-loop';
import { aUser } from '../../factories';
import { startMailServer, type TestMailServer } from '../../mail-server';
import { until } from '../../until';
import { MailBench } from './mail-bench';

const WELL_BEFORE_THE_NEXT_LOOK_MS = 3_000;

describe('mail as part of a process', () => {
  let server: TestMailServer;
  let bench: MailBench;
  let context: INestApplicationContext;

  beforeEach(async () => {
    server = await startMailServer();
    bench = await MailBench.open({ SMTP_URL: server.url });
    const testing = await Test.createTestingModule({ imports: [MailDispatchModule] })
      .overrideProvider(AppConfig)
      .useValue(bench.database.config)
      .compile();
    context = await testing.init();
  });
  afterEach(async () => {
    await context.close();
    await bench.close();
    await server.close();
  });

  async function cancelledRun(): Promise<void> {
    const { person, project } = await bench.addPerson(aUser());
    await bench.store.requestCancel(await bench.enqueue({ ownerId: person.id, projectId: project.id }), 'x');
  }

  it('is sent at once when the process is woken', async () => {
    await cancelledRun();
    context.get(MailLoop).wake();
    await until(() => server.mails.length === 1, WELL_BEFORE_THE_NEXT_LOOK_MS);
  });

  it('ends with the process, and not after it', async () => {
    await context.close();
    await cancelledRun();
    context.get(MailLoop).wake();
    expect(server.mails).toEqual([]);
    expect(await bench.mails()).toEqual([]);
  });
});
