import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { AppConfig } from '../../../common/config/app-config';
import { NotFoundError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { SharesRepository } from '../../../common/shares/shares.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { shareAddress } from '../../shares/share-address';
import { SHARE_DAYS, ShareLinks } from '../../shares/share-links';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const time = z.iso.datetime();
const linkSchema = z
  .object({
    id: z.string(),
    run: says(z.int().nullable(), 'apiShares.linkRun'),
    note: says(z.string(), 'apiShares.linkNote'),
    createdAt: time,
    expiresAt: time,
    openedAt: says(time.nullable(), 'apiShares.linkOpened'),
  })
  .meta({ id: 'ShareLink' });
const listSchema = z.object({ items: z.array(linkSchema), next: z.null() });
const linkOrder = z.strictObject({
  run: says(z.int().min(1).max(999_999_999).optional(), 'apiShares.linkRun'),
  note: says(z.string().max(1000).default(''), 'apiShares.linkNote'),
  days: says(z.literal([...SHARE_DAYS]).default(30), 'apiShares.linkDays'),
});
const madeSchema = z.object({ id: z.string(), link: says(z.string(), 'apiShares.link'), expiresAt: time }).meta({ id: 'NewShareLink' });

/** Links by which people without an account look at a run or a project, for programs of its owner. */
@Controller(`${API_ROOT}/projects/:project/links`)
export class ApiShareLinksController {
  constructor(
    private readonly links: ShareLinks,
    private readonly shares: SharesRepository,
    private readonly runs: RunsRepository,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Api({ area: 'projects', summary: 'apiShares.listLinks', scope: 'read', answer: listSchema })
  @Access('projectOwner')
  async list(@CurrentProject() { id }: Project): Promise<z.infer<typeof listSchema>> {
    const items = (await this.shares.ofProject(id)).map(({ id: linkId, runId, note, createdMs, expiresMs, openedMs }) => {
      return {
        id: linkId,
        run: runId,
        note,
        createdAt: isoTime(createdMs),
        expiresAt: isoTime(expiresMs),
        openedAt: isoTimeOrNull(openedMs),
      };
    });
    return { items, next: null };
  }

  @Post()
  @Api({
    area: 'projects',
    summary: 'apiShares.makeLink',
    scope: 'share',
    body: linkOrder,
    answer: madeSchema,
    status: 201,
    example: { body: { run: 12, note: 'For the reviewers', days: 30 } },
  })
  @Audited('share.make')
  @Access('projectOwner')
  async make(
    @CurrentProject() { id }: Project,
    @ApiBody() { run, note, days }: z.infer<typeof linkOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof madeSchema>> {
    const shown = run === undefined ? null : await this.requireRun(id, run);
    if (shown) tellAudit(request, { object: { kind: 'run', id: shown.id, name: shown.pipelineTitle } });
    const made = await this.links.make({ projectId: id, runId: run ?? null, note, days: String(days) });
    const share = await this.shares.findLiveById(made.id);
    if (!share) throw new NotFoundError('apiShares.noSuchLink');
    return { id: made.id, link: shareAddress(this.config, request, made.secret), expiresAt: isoTime(share.expiresMs) };
  }

  @Delete(':link')
  @Api({ area: 'projects', summary: 'apiShares.revokeLink', scope: 'share', answer: null })
  @Audited('share.revoke')
  @Access('projectOwner')
  async revoke(@CurrentProject() { id }: Project, @Param('link') link: string): Promise<void> {
    if (!(await this.shares.revoke(id, link.slice(0, 36)))) throw new NotFoundError('apiShares.noSuchLink');
  }

  /** Undoes `revoke`, for a while: whoever has the link comes in by it again. */
  @Post(':link/restore')
  @Api({ area: 'projects', summary: 'apiWork.restoreLink', scope: 'share', answer: null })
  @Audited('share.restore')
  @Access('projectOwner')
  async restore(@CurrentProject() { id }: Project, @Param('link') link: string): Promise<void> {
    if (!(await this.shares.restore(id, link.slice(0, 36)))) throw new NotFoundError('apiWork.linkTooLate');
  }

  private async requireRun(projectId: string, number: number): Promise<Run> {
    const run = await this.runs.find(number);
    if (run?.projectId !== projectId) throw new NotFoundError('errors.noSuchRun', { number });
    return run;
  }
}
