import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { manifestJsonSchema } from '../../../src/pipeline/schema/manifest-json-schema';

const HOME = resolve(__dirname, '..', '..', '..');
const committed = readFileSync(join(HOME, 'config', 'pipeline.schema.json'), 'utf8');

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** Ways to the fields of a schema that say nothing of themselves. */
function undescribed(schema: Schema, way = ''): string[] {
  const named = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.items ? [schema.items] : []), ...named];
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description ? [] : [`${way}.${name}`]),
    ...undescribed(field, `${way}.${name}`),
  ]);
  return [...new Set([...fields, ...inner.flatMap((one) => undescribed(one, way))])];
}

describe('config/pipeline.schema.json', () => {
  it('is what "npm run pipeline -- schema" writes', () => {
    expect(committed).toBe(manifestJsonSchema(HOME));
  });

  it('says of each field what the documentation says', () => {
    const left = undescribed(JSON.parse(committed) as Schema);
    // Told in the row of the field that holds them, or by examples.
    expect(
      left.filter(
        (field) =>
          !/^\.(arguments|outputs|presets|steps\.needs|docker\.mounts|handoff\.pathMap|files\.(lines|columns))\.|^\.(runId|before|after|limits|needs|retry|outcome(?:\.log|\.ended)?|samples\.expect)$|\.options\.|\.spelling\.|\.fill\.|^\.(slurm|needs)\b.*\.parameter$|\.parameter$|\.time\./.test(
            field,
          ),
      ),
    ).toEqual([]);
  });

  describe('taken as a schema', () => {
    const schema = z.fromJSONSchema(JSON.parse(committed) as Parameters<typeof z.fromJSONSchema>[0]);
    const manifests = [
      ...readdirSync(join(HOME, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .flatMap((name) => [...readFileSync(join(HOME, 'docs', name), 'utf8').matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml)),
      ...['pipelines/nuclei', 'template'].map((folder) => readFileSync(join(HOME, 'config', folder, 'pipeline.yaml'), 'utf8')),
    ].filter((yaml) => !Array.isArray(compileYaml('x', yaml)));

    it.each(manifests)('takes what is taken: %s', (yaml) => {
      expect(schema.safeParse(parse(yaml)).error?.issues ?? []).toEqual([]);
    });

    it.each([
      'titel: x',
      'parameters: [{ name: a, type: integr }]',
      'limits: { times: 1h }',
      'command: {}',
      'progressSteps: 0',
      'icon: No Icon',
    ])('refuses what is refused: %s', (yaml) => {
      expect(Array.isArray(compileYaml('x', yaml))).toBe(true);
      expect(schema.safeParse(parse(yaml)).success).toBe(false);
    });
  });
});
