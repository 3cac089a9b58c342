import type { Manifest } from './manifest';

/** Everything that a pipeline need not say. */
export const DEFAULT_FIELDS: Omit<Manifest, 'id' | 'title' | 'runtime' | 'parameters' | 'arguments'> = {
  summary: '',
  takes: '',
  gives: '',
  version: '',
  icon: 'player-play',
  outputs: [],
  limits: { timeSeconds: null, parallel: null },
  needs: { cpu: 1, memoryBytes: null, gpus: 0 },
  rank: 0,
  retry: { starts: 1, on: [] },
  outcome: { successCodes: [0], partialCodes: [], requiredOutputs: [] },
  progress: null,
};

/** Longest texts that parameters take unless they say otherwise, in characters. */
export const STRING_LENGTH = 4000;
export const TEXT_LENGTH = 30_000;
/** Even in the widest characters this fits one argument. */
export const MOST_TEXT_LENGTH = 32_000;
export const MOST_FILES = 1000;
export const MOST_ITEMS = 2000;
/** A form holds so many rows, and no more than this number of cells. */
export const MOST_ROWS = 500;
export const MOST_CELLS = 5000;
