/**
 * A process that starts a program of a task, as the web process does: `node --require load-typescript.cjs task-parent.ts <folder>`. It
 * prints the process id of the program once that has begun to write, and then waits until it is killed.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TaskProcess } from '../../../src/common/file-tasks/task-process';
import type { SampleBrief } from './sample-task';

async function main(folder: string): Promise<void> {
  const staging = await open(folder, 'r');
  const brief: SampleBrief = { files: { 'a.txt': 'aaa' }, ends: 'not' };
  const program = new TaskProcess(
    join(__dirname, 'sample-task'),
    staging,
    { brief, handles: [] },
    {
      progress: () => process.stdout.write(`${program.pid}\n`),
      need: async () => undefined,
      written: async () => undefined,
    },
  );
  await program.run(new AbortController().signal);
}

void main(process.argv[2]);
