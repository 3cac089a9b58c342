/**
 * A further process of the space tests, started with `load-typescript.cjs`: `space-process.ts <owner> <project> <bytes> <times> <at>` waits
 * until the time `at` (milliseconds since 1970) and asks so often for so many bytes, all at once. Prints how often it got them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { LimitError } from '../../../src/common/errors';
import { Space } from '../../../src/common/space/space';
import { SpaceModule } from '../../../src/common/space/space.module';

async function main([ownerId = '', projectId = '', bytes = '', times = '', at = '']: string[]): Promise<void> {
  const context = await NestFactory.createApplicationContext(SpaceModule, { logger: false });
  const space = context.get(Space);
  await sleep(Math.max(0, Number(at) - Date.now()));
  const tries = Array.from({ length: Number(times) }, () =>
    space.reserve(ownerId, { bytes: Number(bytes), files: 1 }, { projectId, what: 'upload', forMs: 60_000 }).then(
      () => 1,
      (error: unknown) => {
        if (error instanceof LimitError) return 0;
        throw error;
      },
    ),
  );
  const got = await Promise.all(tries);
  process.stdout.write(`${got.reduce<number>((sum, one) => sum + one, 0)}\n`);
  await context.close();
}

void main(process.argv.slice(2));
