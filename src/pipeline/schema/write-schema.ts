import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../../common/errors';
import { EXIT } from '../exit';
import { manifestJsonSchema } from './manifest-json-schema';

/** Writes the JSON Schema again. @param home root of a checkout. @returns its path. @throws StartupError where there is no documentation. */
export async function writeSchema(home: string): Promise<string> {
  const path = join(home, 'config', 'pipeline.schema.json');
  let schema: string;
  try {
    schema = manifestJsonSchema(home);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new StartupError('The schema is made from the documentation, which is not here. Do it in a checkout.', EXIT.data);
  }
  await writeFile(path, schema);
  return path;
}
