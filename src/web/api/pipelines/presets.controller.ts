import { Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { InvalidFieldsError, NotFoundError } from '../../../common/errors';
import type { Manifest } from '../../../common/pipelines/manifest';
import { asEntries } from '../../../common/pipelines/parameters';
import { inReadersWords } from '../../../common/pipelines/pipeline-words';
import type { User } from '../../../common/users/user.entity';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { OpenPipelines } from '../../http/access/open-pipelines';
import { Audited } from '../../http/audit/audited.decorator';
import { FormPresets, type PresetLine } from '../../run/form-presets';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';

const presetSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    isOwn: says(z.boolean(), 'apiWork.presetIsOwn'),
    parameters: says(z.record(z.string(), z.unknown()), 'apiWork.presetParameters'),
  })
  .meta({ id: 'Preset' });
const listSchema = z.object({ items: z.array(presetSchema), next: z.null() });
const keepOrder = z.strictObject({
  name: says(z.string().max(1000), 'apiWork.presetName'),
  parameters: says(z.record(z.string(), z.unknown()).default({}), 'apiWork.presetParameters'),
});

type PresetJson = z.infer<typeof presetSchema>;

/** Values of a form under a name: those that its pipeline offers, and those that a person keeps. */
@Controller(`${API_ROOT}/pipelines/:pipeline/presets`)
export class ApiPresetsController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly presets: FormPresets,
  ) {}

  @Get()
  @Api({ area: 'pipelines', summary: 'apiWork.listPresets', scope: 'read', answer: listSchema })
  @Access('person')
  async list(@CurrentPerson() person: User, @Param('pipeline') pipeline: string): Promise<z.infer<typeof listSchema>> {
    const manifest = await this.manifestOf(person, pipeline);
    const items: PresetJson[] = [];
    for (const line of await this.presets.list(person, manifest, null)) items.push(await this.json(person, manifest, line));
    return { items, next: null };
  }

  @Post()
  @Api({
    area: 'pipelines',
    summary: 'apiWork.keepPreset',
    scope: 'run',
    body: keepOrder,
    answer: presetSchema,
    status: 201,
    example: { body: { name: 'Large nuclei', parameters: { sigma: 3 } } },
  })
  @Audited('preset.keep')
  @Access('person')
  async keep(
    @CurrentPerson() person: User,
    @Param('pipeline') pipeline: string,
    @ApiBody() { name, parameters }: z.infer<typeof keepOrder>,
  ): Promise<PresetJson> {
    const manifest = await this.manifestOf(person, pipeline);
    requireKnown(manifest, parameters);
    const id = await this.presets.keep(person, manifest, name, asEntries(manifest.parameters, parameters));
    return this.json(person, manifest, { id, title: name.normalize('NFC').trim(), isOwn: true });
  }

  @Delete(':preset')
  @Api({ area: 'pipelines', summary: 'apiWork.deletePreset', scope: 'run', answer: null })
  @Audited('preset.delete')
  @Access('person')
  async remove(@CurrentPerson() person: User, @Param('pipeline') pipeline: string, @Param('preset') preset: string): Promise<void> {
    await this.manifestOf(person, pipeline);
    if (!(await this.presets.remove(person, preset))) throw new NotFoundError('apiWork.noSuchPreset');
  }

  @Post(':preset/restore')
  @Api({ area: 'pipelines', summary: 'apiWork.restorePreset', scope: 'run', answer: null })
  @Audited('preset.restore')
  @Access('person')
  async restore(@CurrentPerson() person: User, @Param('pipeline') pipeline: string, @Param('preset') preset: string): Promise<void> {
    await this.manifestOf(person, pipeline);
    if (!(await this.presets.restore(person, preset))) throw new NotFoundError('run.presetRestoredTooLate');
  }

  private async manifestOf(person: User, pipeline: string): Promise<Manifest> {
    return inReadersWords(await this.pipelines.require(person, pipeline)).manifest;
  }

  private async json(
    person: User,
    manifest: Manifest,
    { id, title, isOwn }: Pick<PresetLine, 'id' | 'title' | 'isOwn'>,
  ): Promise<PresetJson> {
    const found = await this.presets.entriesOf(person, manifest, id);
    return { id, name: title, isOwn, parameters: found?.entered ?? {} };
  }
}

/** @throws InvalidFieldsError for names that the form does not have. */
function requireKnown({ parameters: known }: Manifest, parameters: Record<string, unknown>): void {
  const unknown = Object.keys(parameters).filter((name) => known.every((parameter) => parameter.name !== name));
  if (unknown.length === 0) return;
  const message = text('api.fieldUnknown', { names: unknown.join(', ').slice(0, 200) });
  throw new InvalidFieldsError('api.wrongFields', [{ field: 'parameters', message }]);
}
