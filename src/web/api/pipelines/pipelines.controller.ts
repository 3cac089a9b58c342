import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import { inReadersWords } from '../../../common/pipelines/pipeline-words';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { OpenPipelines, type OpenPipeline } from '../../http/access/open-pipelines';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, plainPageQuery, type Page, type PageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { formSchema } from './form-schema';

const summarySchema = z
  .object({
    id: z.string(),
    title: z.string(),
    summary: says(z.string(), 'api.pipelineSummary'),
    takes: says(z.string(), 'api.pipelineTakes'),
    gives: says(z.string(), 'api.pipelineGives'),
    version: z.string(),
    isOn: says(z.boolean(), 'api.pipelineIsOn'),
    offNote: says(z.string(), 'api.pipelineOffNote'),
  })
  .meta({ id: 'PipelineSummary' });

const pipelineSchema = z
  .object({
    ...summarySchema.shape,
    form: says(z.record(z.string(), z.unknown()), 'api.pipelineForm'),
    outputs: z.array(z.object({ glob: z.string(), kind: z.string(), title: z.string() })),
    timeLimitSeconds: z.number().nullable(),
  })
  .meta({ id: 'Pipeline' });

const listQuery = plainPageQuery;
const position = z.int().min(0);

type Summary = z.infer<typeof summarySchema>;

/** What may be run, and what each wants to know. */
@Controller(`${API_ROOT}/pipelines`)
export class ApiPipelinesController {
  constructor(private readonly pipelines: OpenPipelines) {}

  @Get()
  @Api({ area: 'pipelines', summary: 'api.listPipelines', scope: 'read', query: listQuery, answer: pageOf(summarySchema) })
  @Access('person')
  async list(@CurrentPerson() person: User, @ApiQuery() { limit, after }: PageQuery): Promise<Page<Summary>> {
    const from = decodeCursor(position, after) ?? 0;
    const all = await this.pipelines.list(person);
    const next = from + limit < all.length ? encodeCursor(from + limit) : null;
    return { items: all.slice(from, from + limit).map(summaryOf), next };
  }

  @Get(':pipeline')
  @Api({ area: 'pipelines', summary: 'api.showPipeline', scope: 'read', answer: pipelineSchema })
  @Access('person')
  async show(@CurrentPerson() person: User, @Param('pipeline') id: string): Promise<z.infer<typeof pipelineSchema>> {
    const { manifest } = inReadersWords(await this.pipelines.require(person, id));
    const open = await this.pipelines.find(person, id);
    if (!open) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    const outputs = manifest.outputs.map(({ glob, kind, title }) => ({ glob, kind, title }));
    return { ...summaryOf(open), form: formSchema(manifest), outputs, timeLimitSeconds: manifest.limits.timeSeconds };
  }
}

function summaryOf({ pipeline, offNote }: OpenPipeline): Summary {
  const { id, title, summary, takes, gives, version } = inReadersWords(pipeline).manifest;
  return { id, title, summary, takes, gives, version, isOn: offNote === null, offNote: offNote ?? '' };
}
