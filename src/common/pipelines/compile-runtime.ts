import { text } from '../../locales/text';
import type { Runtime } from './runtime';
import type { RuntimeFields } from './runtime-schema';

const BLOCKS = ['docker', 'compose', 'handoff', 'slurm'] as const;

/**
 * The runtime that a manifest describes.
 * @returns it, or the field at fault and what is wrong with it.
 */
export function compileRuntime({ command, env, docker, compose, handoff, slurm }: RuntimeFields): Runtime | [string, string] {
  const given = BLOCKS.filter((name) => ({ docker, compose, handoff, slurm })[name] !== undefined);
  const [block, second] = given;
  if (second) return [second, text('pipelines.twoRuntimes', { one: block, other: second })];
  if (compose) return { kind: 'compose', command: command ?? [], env, ...compose };
  if (handoff) {
    const { pickUp, ...rest } = handoff;
    return { kind: 'handoff', command: command ?? [], env, ...rest, pickUpSeconds: pickUp };
  }
  if (docker) {
    const { shm, ...rest } = docker;
    return { kind: 'docker', command: command ?? [], env, ...rest, shmBytes: shm };
  }
  if (!command) return ['command', text('pipelines.noCommand')];
  return slurm ? { kind: 'slurm', command, env, ...slurm } : { kind: 'process', command, env };
}
