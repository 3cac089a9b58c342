/** What a runner was told to do. In this order they are numbers in a look at the queue. */
export const RUNNER_MODES = ['active', 'paused', 'draining'] as const;
export type RunnerMode = (typeof RUNNER_MODES)[number];
