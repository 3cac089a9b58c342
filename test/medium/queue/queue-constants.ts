import type { RunHandle } from '../../../src/common/queue/run-handle';

export const HANDLE: RunHandle = { kind: 'process', pid: 4711, startTicks: '815', host: 'lab1', bootId: 'boot-1' };
export const STALE_SECONDS = 60;
