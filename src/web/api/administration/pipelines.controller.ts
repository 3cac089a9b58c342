import { Controller, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { UnclearError } from '../../../common/errors';
import { PipelineOverview, type LostLine, type PipelineLine } from '../../../common/pipeline-settings/pipeline-overview';
import { PipelineSettings } from '../../../common/pipeline-settings/pipeline-settings';
import type { StoredAccess } from '../../../common/pipeline-settings/stored-access';
import { OPEN_TO } from '../../../common/pipelines/access';
import type { User } from '../../../common/users/user.entity';
import { reasonInWords } from '../../../common/waiting/waiting-words';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { doParts, tellAudit, type PartOfDeed } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { inField } from '../contract/in-field';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const time = z.iso.datetime();
const accessSchema = z.union([z.enum(OPEN_TO), z.object({ groups: z.array(z.string()), people: z.array(z.string()) })]).nullable();
const changed = z.object({ by: z.string(), at: time });

const lineSchema = z
  .object({
    id: says(z.string(), 'apiAdmin.pipelineId'),
    title: z.string(),
    version: z.string(),
    file: says(z.string().nullable(), 'apiAdmin.pipelineFile'),
    state: z.enum(['on', 'off', 'faulty']),
    faults: says(z.array(z.string()), 'apiAdmin.pipelineFaults'),
    wordFaults: says(z.array(z.string()), 'apiAdmin.pipelineWordFaults'),
    note: says(z.string(), 'apiAdmin.pipelineNote'),
    access: says(accessSchema, 'apiAdmin.pipelineMayRun'),
    isAccessSet: says(z.boolean(), 'apiAdmin.pipelineAccessSet'),
    isHeldBack: says(z.boolean(), 'apiAdmin.pipelineHeldBack'),
    unknownGroups: says(z.array(z.string()), 'apiAdmin.pipelineUnknownGroups'),
    runners: says(z.array(z.string()), 'apiAdmin.pipelineRunners'),
    obstacle: says(z.string().nullable(), 'apiAdmin.pipelineObstacle'),
    runs: z.int(),
    waiting: z.int(),
    lastRunAt: time.nullable(),
    changed: says(changed.nullable(), 'apiAdmin.pipelineChanged'),
  })
  .meta({ id: 'PipelineStanding' });
const lostSchema = z
  .object({
    id: z.string(),
    isOff: z.boolean(),
    note: z.string(),
    access: says(accessSchema, 'apiAdmin.pipelineMayRun'),
    changed,
  })
  .meta({ id: 'LostPipeline' });
const listSchema = z.object({ items: z.array(lineSchema), next: z.null() });
const lostListSchema = z.object({ items: z.array(lostSchema), next: z.null() });
const names = z.array(z.string().max(254)).max(500);
/** As it is shown, or as words in one list. */
const accessOrder = z.union([
  z.enum(['manifest', ...OPEN_TO]),
  z.strictObject({ groups: names.default([]), people: names.default([]) }),
  names.min(1),
]);
const pipelineOrder = z.strictObject({
  isOff: says(z.boolean().optional(), 'apiAdmin.pipelineOff'),
  note: says(z.string().max(1000).default(''), 'apiAdmin.pipelineNote'),
  access: says(accessOrder.optional(), 'apiAdmin.pipelineAccess'),
});
const renamedOrder = z.strictObject({ now: says(z.string().min(1).max(100), 'apiAdmin.pipelineNow') });

/** The pipelines as administrators see and steer them, for their programs. */
@Controller(`${API_ROOT}/admin/pipelines`)
export class ApiPipelineSettingsController {
  constructor(
    private readonly overview: PipelineOverview,
    private readonly settings: PipelineSettings,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listPipelines', scope: 'admin', answer: listSchema })
  @Access('admin')
  async list(): Promise<z.infer<typeof listSchema>> {
    return { items: (await this.overview.list()).map(lineJson), next: null };
  }

  @Get('lost')
  @Api({ area: 'administration', summary: 'apiAdmin.listLostPipelines', scope: 'admin', answer: lostListSchema })
  @Access('admin')
  async lost(): Promise<z.infer<typeof lostListSchema>> {
    return { items: (await this.overview.lost()).map(lostJson), next: null };
  }

  @Patch(':pipeline')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.changePipeline',
    scope: 'admin',
    body: pipelineOrder,
    answer: null,
    example: { body: { isOff: true, note: 'Until Monday' } },
  })
  @Audited('pipeline.change')
  @Access('admin')
  async change(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @ApiBody() order: z.infer<typeof pipelineOrder>,
    @Req() request: Request,
  ): Promise<void> {
    const { isOff, note, access } = order;
    if (note !== '' && isOff !== true) throw new UnclearError('apiAdmin.noteWhileOn');
    if (isOff === undefined && access === undefined) throw new UnclearError('api.nothingToChange');
    const parts = this.partsOf(id, order, person.displayName);
    tellAudit(request, { parts });
    // Nothing is done where something of it cannot be.
    await this.settings.require(id);
    await inField('note', () => this.settings.noteOf(note));
    await this.accessIn(access);
    await doParts(parts);
  }

  /** A pipeline that is not there any more is called otherwise now, and what was said of it goes along. */
  @Post(':pipeline/renamed')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.renamedPipeline',
    scope: 'admin',
    body: renamedOrder,
    answer: null,
    example: { body: { now: 'nuclei-2' } },
  })
  @Audited('pipeline.renamed')
  @Access('admin')
  async renamed(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @ApiBody() { now }: z.infer<typeof renamedOrder>,
    @Req() request: Request,
  ): Promise<void> {
    tellAudit(request, { details: { now } });
    await this.settings.renamed(id, now, person.displayName);
  }

  /** A pipeline that is not there any more has no other name. */
  @Post(':pipeline/gone')
  @Api({ area: 'administration', summary: 'apiAdmin.gonePipeline', scope: 'admin', answer: null })
  @Audited('pipeline.gone')
  @Access('admin')
  gone(@Param('pipeline') id: string): Promise<void> {
    return this.settings.gone(id);
  }

  private partsOf(id: string, { isOff, note, access }: z.infer<typeof pipelineOrder>, by: string): PartOfDeed[] {
    const parts: PartOfDeed[] = [];
    if (isOff === true)
      parts.push({ action: 'pipeline.switch', details: { state: 'off', note }, work: () => this.settings.switchOff(id, note, by) });
    if (isOff === false) parts.push({ action: 'pipeline.switch', details: { state: 'on' }, work: () => this.settings.switchOn(id, by) });
    if (access !== undefined) {
      const work = async () => this.settings.setAccess(id, await this.accessIn(access), by);
      parts.push({ action: 'pipeline.set-access', details: { who: wordsOf(access).join(', ') }, work });
    }
    return parts;
  }

  /** Null: whom the manifest names. @throws InvalidInputError for who is not known. */
  private async accessIn(access: z.infer<typeof accessOrder> | undefined): Promise<StoredAccess | null> {
    if (access === undefined || access === 'manifest') return null;
    return inField('access', () => {
      const isByKind = typeof access === 'object' && !Array.isArray(access);
      return isByKind ? this.settings.accessOfNames(access) : this.settings.accessOf(wordsOf(access));
    });
  }
}

function lineJson(line: PipelineLine): z.infer<typeof lineSchema> {
  const { id, title, version, file, state, faults, wordFaults, note, access, said, isHeldBack, unknownGroups, runners } = line;
  const { obstacle, figures, lastRunMs, changed: last } = line;
  return {
    id,
    title,
    version,
    file: file || null,
    state,
    faults,
    wordFaults,
    note,
    access,
    isAccessSet: said !== null,
    isHeldBack,
    unknownGroups,
    runners,
    obstacle: obstacle === null ? null : reasonInWords(obstacle, false, true),
    runs: figures.runs,
    waiting: figures.waiting,
    lastRunAt: isoTimeOrNull(lastRunMs),
    changed: last && { by: last.by, at: isoTime(last.atMs) },
  };
}

function lostJson({ id, isOff, note, access, changed: last }: LostLine): z.infer<typeof lostSchema> {
  return { id, isOff, note, access, changed: { by: last.by, at: isoTime(last.atMs) } };
}

function wordsOf(access: z.infer<typeof accessOrder>): string[] {
  if (typeof access === 'string') return [access];
  return Array.isArray(access) ? access : [...access.groups, ...access.people];
}
