import { LimitError } from '../errors';
import { renderFiles, requireSize } from './argument-files/render-files';
import { renderArguments } from './arguments';
import type { Manifest, ParameterValues } from './manifest';

/** What a row of details holds in either database. */
const MOST_STORED_BYTES = 65_000;
const LONGEST_PATH = 4096;

/**
 * Whether values make arguments and files that a program can be given, with paths as long as they may become: said before the run starts.
 * @throws LimitError where they do not.
 */
export async function checkLengths(manifest: Manifest, values: ParameterValues): Promise<void> {
  const folder = `/${'x'.repeat(200)}`;
  // Letters alone: what a name holds was looked at by its own path.
  const pathOf = (reference: string) => `${folder}/${'x'.repeat(Buffer.byteLength(reference))}`.slice(0, LONGEST_PATH);
  const places = { outputFolder: folder, projectFolder: folder, runId: '1000000' };
  await renderArguments(manifest, values, { resolveFile: pathOf, ...places });
  requireSize(renderFiles(manifest, values, { pathOf, workFolder: folder, ...places }));
  if (Buffer.byteLength(JSON.stringify(values)) > MOST_STORED_BYTES) throw new LimitError('pipelines.argumentsTooLong');
}
