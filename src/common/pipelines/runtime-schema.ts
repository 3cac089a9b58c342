import { z } from 'zod';
import { text } from '../../locales/text';
import { duration, size, word } from './schema-values';
import { slurmField, slurmOption, slurmTime } from './slurm-schema';

/** The fields of `pipeline.yaml` that say how a program is started. At most one of the blocks is given; without one it is a process. */

const line = z.string().trim().min(1).max(500);
const fileName = z
  .string()
  .regex(/^[^/\0]{1,200}$/)
  .refine((name) => name !== '.' && name !== '..');
const absolutePath = z.string().regex(/^\//);

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

const docker = z.strictObject({
  image: line,
  entrypoint: z.array(word).nullable().default(null),
  network: z.boolean().default(false),
  user: z
    .string()
    .regex(/^\d+(:\d+)?$/)
    .nullable()
    .default(null),
  mounts: z.array(z.strictObject({ source: absolutePath, target: absolutePath, readOnly: z.boolean().default(true) })).default([]),
  shm: size.nullable().default(null),
});

const compose = z.strictObject({
  file: line.default('docker-compose.yml'),
  service: line,
  variables: z.record(variableName, word).default({}),
});

/** What the queue has for the folder in the handle of a run, as JSON. */
const MOST_FOLDER_CHARACTERS = 900;

const handoff = z.strictObject({
  folder: absolutePath.refine((path) => JSON.stringify(path).length <= MOST_FOLDER_CHARACTERS, {
    error: () => text('pipelines.folderTooLong', { most: MOST_FOLDER_CHARACTERS - 2 }),
  }),
  workFolder: absolutePath.nullable().default(null),
  argsFile: fileName.default('pipex_batch_list.txt'),
  runIdFile: fileName.default('run_id.txt'),
  lastRunIdFile: fileName.default('LAST_RUN_ID'),
  logFile: fileName.nullable().default('log.txt'),
  form: z.enum(['lines', 'line']).default('line'),
  waitsFor: z.enum(['args', 'runId']).default('args'),
  takes: z.enum(['move', 'copy']).default('move'),
  pathMap: z.array(z.strictObject({ outside: absolutePath, inside: absolutePath })).default([]),
  pickUp: duration.default(600),
});

const slurm = z.strictObject({
  partition: slurmField,
  account: slurmField,
  qos: slurmField,
  constraint: slurmField,
  time: slurmTime,
  options: z.array(slurmOption).default([]),
});

/** Spread into the schema of the whole manifest. */
export const runtimeFields = {
  command: z.union([line.transform((program) => [program]), z.array(word).min(1)]).optional(),
  env: z.record(variableName, word).default({}),
  docker: docker.optional(),
  compose: compose.optional(),
  handoff: handoff.optional(),
  slurm: slurm.optional(),
};

export type RuntimeFields = { [Name in keyof typeof runtimeFields]: z.output<(typeof runtimeFields)[Name]> };
