import type { Run, RunEvent } from '../queue/run.entity';

/** What a message tells: which run, of which pipeline and project, came into which state when. No parameter, file, log or person. */
export interface WebhookPayload {
  type: string;
  /** ISO 8601: when it happened. */
  timestamp: string;
  data: Record<string, unknown>;
}

/** @param address of the pages of this installation. */
export function runPayload(event: RunEvent, run: Run, projectName: string | null, address: string): WebhookPayload {
  const { id, pipelineId, pipelineTitle, projectId } = run;
  return {
    type: `run.${event.toState}`,
    timestamp: new Date(event.atMs).toISOString(),
    data: {
      run: {
        id,
        state: event.toState,
        previousState: event.fromState,
        attempt: event.attempt,
        exitCode: run.exitCode,
        requestedAt: moment(run.requestedMs),
        startedAt: moment(run.startedMs),
        finishedAt: moment(run.finishedMs),
        url: `${address}/runs/${id}`,
      },
      pipeline: { id: pipelineId, title: pipelineTitle },
      project: { id: projectId, name: projectName },
    },
  };
}

export function pingPayload(atMs: number, address: string): WebhookPayload {
  return { type: 'ping', timestamp: new Date(atMs).toISOString(), data: { url: address } };
}

function moment(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
