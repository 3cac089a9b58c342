import { stat } from 'node:fs/promises';
import { text } from '../../locales/text';
import { PrepareError, type Assignment } from './executor';

/** What one argument, and all together with the environment, may take on Linux; the rest is left for the path of the program. */
const MOST_WORD_BYTES = 131_071;
const MOST_WORDS_BYTES = 2_000_000;

/** What no program can be given. @throws PrepareError */
export async function refuseHopeless({ argv, env, cwd }: Assignment): Promise<void> {
  const words = [...argv, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const sizes = words.map((word) => Buffer.byteLength(word));
  if (words.some((word) => word.includes('\0'))) throw new PrepareError(text('runner.cannotPrepare', { reason: 'EINVAL' }));
  if (sizes.some((size) => size > MOST_WORD_BYTES) || sizes.reduce((sum, size) => sum + size + 9, 0) > MOST_WORDS_BYTES) {
    throw new PrepareError(text('runner.cannotPrepare', { reason: 'E2BIG' }));
  }
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new PrepareError(text('runner.cannotPrepare', { reason: `ENOENT ${cwd}` }));
}
