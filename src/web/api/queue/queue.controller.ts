import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { RUNNER_MODES } from '../../../common/queue/runner-mode';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { QueuePage } from '../../queue/queue-page.service';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { RunJsons } from '../runs/run-json';
import { runSummarySchema } from '../runs/run-schemas';

const queueSchema = z
  .object({
    running: says(z.array(runSummarySchema), 'api.queueRunning'),
    waiting: says(z.array(runSummarySchema), 'api.queueWaiting'),
    moreWaiting: says(z.int(), 'api.queueMore'),
  })
  .meta({ id: 'Queue' });

const runnersSchema = z.object({
  items: z.array(
    z
      .object({
        name: z.string(),
        slots: says(z.int(), 'api.runnerSlots'),
        taken: says(z.int(), 'api.runnerTaken'),
        mode: says(z.enum(RUNNER_MODES), 'apiAdmin.runnerMode'),
        trouble: says(z.string().nullable(), 'api.runnerTrouble'),
      })
      .meta({ id: 'Runner' }),
  ),
  next: z.null(),
});

/** The queue as everybody may see it, and who works on it. */
@Controller(API_ROOT)
export class ApiQueueController {
  constructor(
    private readonly page: QueuePage,
    private readonly jsons: RunJsons,
  ) {}

  @Get('queue')
  @Api({ area: 'queue', summary: 'api.showQueue', scope: 'read', answer: queueSchema })
  @Access('person')
  async queue(@CurrentPerson() person: User): Promise<z.infer<typeof queueSchema>> {
    const { held, waiting, line, more } = await this.page.active();
    const all = await this.jsons.summaries(person, [...held, ...waiting], line);
    return { running: all.slice(0, held.length), waiting: all.slice(held.length), moreWaiting: more };
  }

  @Get('runners')
  @Api({ area: 'queue', summary: 'api.listRunners', scope: 'read', answer: runnersSchema })
  @Access('person')
  async runners(): Promise<z.infer<typeof runnersSchema>> {
    const items = await this.page.runners();
    return {
      items: items.map(({ name, slots, taken, mode, trouble }) => ({ name, slots, taken, mode, trouble })),
      next: null,
    };
  }
}
