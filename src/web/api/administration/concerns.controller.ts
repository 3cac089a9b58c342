import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import type { User } from '../../../common/users/user.entity';
import { SINCE, type Concern } from '../../admin/overview/concern';
import { HouseConcerns } from '../../admin/overview/house-concerns';
import { QueueConcerns } from '../../admin/overview/queue-concerns';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const concernsSchema = z.object({
  items: z.array(
    z
      .object({
        isBad: says(z.boolean(), 'apiAdmin.concernIsBad'),
        heading: z.string(),
        sentence: says(z.string(), 'apiAdmin.concernSentence'),
        since: z.iso.datetime().nullable(),
        section: says(z.string().nullable(), 'apiAdmin.concernSection'),
      })
      .meta({ id: 'Concern' }),
  ),
  next: z.null(),
});

/** What waits for the administrator, for a program that watches. */
@Controller(`${API_ROOT}/admin/concerns`)
export class ApiConcernsController {
  constructor(
    private readonly queue: QueueConcerns,
    private readonly house: HouseConcerns,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listConcerns', scope: 'admin', answer: concernsSchema })
  @Access('admin')
  async list(@CurrentPerson() person: User): Promise<z.infer<typeof concernsSchema>> {
    const { concerns, active } = await this.queue.find(person);
    const all = [...concerns, ...(await this.house.find(active.line.situation.nowMs))];
    const worstFirst = all.toSorted((one, other) => Number(one.tone === 'warn') - Number(other.tone === 'warn'));
    return { items: worstFirst.map(concernJson), next: null };
  }
}

function concernJson({ tone, heading, sentence, sinceMs, section }: Concern): z.infer<typeof concernsSchema>['items'][number] {
  const time = sinceMs === null ? '' : isoTime(sinceMs);
  return { isBad: tone === 'bad', heading, sentence: sentence.replaceAll(SINCE, time), since: isoTimeOrNull(sinceMs), section };
}
