import type { Project } from '../../common/projects/project.entity';
import type { WebhookPlace } from '../../common/webhooks/webhooks.repository';

/** A project, or a pipeline, as its pages of webhooks need it. */
export interface WebhookHome {
  place: WebhookPlace;
  /** Of its webhooks, below the base path. */
  path: string;
  project: { id: string; name: string } | null;
  pipeline: { id: string; title: string } | null;
}

export function homeOfProject({ id, name }: Project): WebhookHome {
  const place = { projectId: id, pipelineId: null };
  return { place, path: `/projects/${id}/webhooks`, project: { id, name }, pipeline: null };
}

export function homeOfPipeline(id: string, title: string): WebhookHome {
  const place = { projectId: null, pipelineId: id };
  return { place, path: `/admin/pipelines/${encodeURIComponent(id)}/webhooks`, project: null, pipeline: { id, title } };
}
