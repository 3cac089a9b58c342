import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../../common/errors';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import { PipelineSettings } from '../../../common/pipeline-settings/pipeline-settings';
import type { StoredAccess } from '../../../common/pipeline-settings/stored-access';
import { OPEN_TO } from '../../../common/pipelines/access';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { redirect } from '../../http/addresses';
import { flash, type UndoForm } from '../../http/flash';
import { asFormErrors, fieldText, fieldTexts, showAgain } from '../../http/form';
import { address } from '../../views/helpers';
import { PipelineAdminPage, type AccessEntered, type PipelinesView, type PipelineView } from './pipeline-admin.view';

/** The pipelines as administrators see and steer them: their faults, on and off, and who may run them. */
@Controller('admin/pipelines')
export class PipelineAdminController {
  constructor(
    private readonly page: PipelineAdminPage,
    private readonly settings: PipelineSettings,
    private readonly groups: GroupsRepository,
  ) {}

  @Get()
  @Access('admin')
  @Render('admin/pipelines')
  index(): Promise<PipelinesView> {
    return this.page.all();
  }

  @Get(':pipeline')
  @Access('admin')
  @Render('admin/pipeline')
  one(@Param('pipeline') id: string): Promise<PipelineView> {
    return this.page.of(id);
  }

  /** Off, with a sentence for people, or on again. */
  @Post(':pipeline/state')
  @Audited('pipeline.switch')
  @Access('admin')
  async setState(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const [state, note] = [fieldText(form, 'state'), fieldText(form, 'note')];
    const { pipeline: before } = await this.page.of(id);
    tellAudit(request, { details: { state, note } });
    try {
      if (state === 'off') await this.settings.switchOff(id, note, person.displayName);
      else if (state === 'on') await this.settings.switchOn(id, person.displayName);
      else throw new InvalidInputError('pipelineSettings.noSuchState');
      const said =
        state === 'on' ? 'pipelineSettings.isOn' : before.waiting > 0 ? 'pipelineSettings.isOffWaiting' : 'pipelineSettings.isOff';
      flash(request, 'ok', said, { title: before.title, count: before.waiting }, undoOf(before, state));
      redirect(response, pathOf(id));
    } catch (error) {
      showAgain(response, 'admin/pipeline', await this.page.of(id, note), asFormErrors(error));
    }
  }

  @Post(':pipeline/access')
  @Audited('pipeline.set-access')
  @Access('admin')
  async setAccess(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const entered = { choice: fieldText(form, 'choice'), groups: fieldTexts(form, 'groups'), people: fieldText(form, 'people') };
    const { title } = await this.page.of(id);
    tellAudit(request, { details: { who: entered.choice } });
    try {
      await this.settings.setAccess(id, await this.accessIn(entered), person.displayName);
      flash(request, 'ok', 'pipelineSettings.accessSaved', { title });
      redirect(response, pathOf(id));
    } catch (error) {
      showAgain(response, 'admin/pipeline', await this.page.of(id, undefined, entered), asFormErrors(error));
    }
  }

  /** A pipeline that is not there any more is called otherwise now, and what was said of it goes along. */
  @Post(':pipeline/renamed')
  @Audited('pipeline.renamed')
  @Access('admin')
  async setRenamed(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const now = fieldText(form, 'now').slice(0, 100);
    tellAudit(request, { details: { now } });
    try {
      if (now === '') throw new InvalidInputError('pipelineSettings.chooseNow', {}, 'now');
      await this.settings.renamed(id, now, person.displayName);
    } catch (error) {
      return showAgain(response, 'admin/pipelines', await this.page.all(), asFormErrors(error));
    }
    flash(request, 'ok', 'pipelineSettings.isRenamed', { id, now });
    redirect(response, '/admin/pipelines');
  }

  /** A pipeline that is not there any more has no other name. */
  @Post(':pipeline/gone')
  @Audited('pipeline.gone')
  @Access('admin')
  async setGone(@Param('pipeline') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.settings.gone(id);
    flash(request, 'ok', 'pipelineSettings.isGone', { id });
    redirect(response, '/admin/pipelines');
  }

  private async accessIn({ choice, groups, people }: AccessEntered): Promise<StoredAccess | null> {
    if (choice === 'manifest') return null;
    const open = OPEN_TO.find((one) => one === choice);
    if (open) return open;
    if (choice !== 'named') throw new InvalidInputError('pipelineSettings.chooseWho', {}, 'choice');
    const known = await this.groups.findByIds(groups.map((id) => id.slice(0, 36)));
    const found = await this.settings.peopleOf(people.split(/[\n,;]+/));
    return this.settings.named(
      known.map(({ id }) => id),
      found,
    );
  }
}

/** Brings back how it was; one that was faulty before is as it is. */
function undoOf({ id, state, note }: PipelineView['pipeline'], now: string): UndoForm | undefined {
  if (state === 'faulty' || state === now) return undefined;
  const fields: [string, string][] = [
    ['state', state],
    ['note', note],
  ];
  return { path: `${pathOf(id)}/state`, fields };
}

function pathOf(id: string): string {
  return address('/admin/pipelines', [id]);
}
