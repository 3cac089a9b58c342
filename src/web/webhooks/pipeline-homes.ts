import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import { homeOfPipeline, type WebhookHome } from './webhook-place';

/** Finds the pipeline of an address of webhooks. */
@Injectable()
export class PipelineHomes {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly webhooks: WebhooksRepository,
  ) {}

  /** Also of one that is gone: whoever made webhooks for it has to get rid of them. @throws NotFoundError. */
  async require(id: string): Promise<WebhookHome> {
    const found = await this.catalogue.find(id);
    if (!found && (await this.webhooks.ofPlace({ projectId: null, pipelineId: id })).length === 0)
      throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    return homeOfPipeline(id, found?.manifest.title ?? id);
  }
}
