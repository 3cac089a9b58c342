import { runTaskProgram } from '../../../src/common/file-tasks/task-program';
import { RunningDigest } from '../../../src/common/digests/running-digest';
import { InvalidInputError } from '../../../src/common/errors';
import { identityOf } from '../../../src/common/files/file-identity';

/** What the tests of `FileTasks` let a program do. */
export interface SampleBrief {
  /** Files that it writes, content by name. */
  files: Record<string, string>;
  /** Space that it asks for; absent: as much as it writes. */
  bytes?: number;
  /** After the first file: not at all (it waits), by a refusal, by a fault, without a word, or by taking all memory it can get. */
  ends?: 'not' | 'refuse' | 'break' | 'exit' | 'hog';
}

runTaskProgram<SampleBrief>(async ({ files, bytes, ends }, tools) => {
  const entries = Object.entries(files);
  await tools.need({ bytes: bytes ?? entries.reduce((sum, [, content]) => sum + content.length, 0), files: entries.length });
  for (const [name, content] of entries) {
    const file = await tools.staging.createFile([Buffer.from(name)]);
    await file.writeFile(content);
    const digest = new RunningDigest();
    digest.update(Buffer.from(content));
    await tools.remember({ file: await identityOf(file), digests: digest.digests() });
    await file.close();
    await tools.advance(content.length, 1);
    await tools.report();
    if (ends) await misbehave(ends);
  }
  return { count: entries.length };
});

async function misbehave(how: NonNullable<SampleBrief['ends']>): Promise<void> {
  if (how === 'not') await new Promise((resolve) => setTimeout(resolve, 120_000));
  if (how === 'refuse') throw new InvalidInputError('files.nameDots');
  if (how === 'break') throw new Error('a secret of the house');
  if (how === 'exit') process.exit(7);
  if (how === 'hog') for (const all: Buffer[] = []; ; await new Promise(setImmediate)) all.push(Buffer.alloc(50_000_000, 1));
}
