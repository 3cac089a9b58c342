import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { PipelineSetting } from './pipeline-setting.entity';

/** What is changed of a pipeline, and by whom. */
export type SettingChange = Partial<Pick<PipelineSetting, 'isOff' | 'note' | 'access'>> & Pick<PipelineSetting, 'changedBy'>;

/** The rows of what administrators say of pipelines. */
@Injectable()
export class PipelineSettingsRepository {
  private readonly now: string;

  constructor(@InjectRepository(PipelineSetting) private readonly settings: Repository<PipelineSetting>) {
    this.now = NOW_MS[dialectOf(settings.manager.connection.options)];
  }

  /** By id of the pipeline. */
  async all(): Promise<Map<string, PipelineSetting>> {
    return new Map((await this.settings.find()).map((setting) => [setting.pipelineId, setting]));
  }

  find(pipelineId: string): Promise<PipelineSetting | null> {
    return this.settings.findOneBy({ pipelineId });
  }

  async change(pipelineId: string, change: SettingChange): Promise<void> {
    const fresh = { pipelineId, isOff: false, note: '', access: null, changedBy: change.changedBy, changedMs: () => this.now };
    await repeatWhileBusy(() =>
      this.settings
        .createQueryBuilder()
        .insert()
        .orIgnore()
        .values(fresh as object)
        .execute(),
    );
    await repeatWhileBusy(() => this.settings.update({ pipelineId }, { ...change, changedMs: () => this.now }));
  }
}
