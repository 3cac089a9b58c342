import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Parameter } from '../../../src/common/pipelines/manifest';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { checkPipeline } from '../../../src/pipeline/check/check-pipeline';
import type { ImportKind } from '../../../src/pipeline/imports/import-kind';
import { importPipeline } from '../../../src/pipeline/imports/import-pipeline';
import { aFolderOfPipelines } from './check-stage';

/** What an import made, read back. */
export interface ReadBack {
  manifest: Manifest;
  yaml: string;
  report: string;
  parameter(name: string): Parameter;
  /** The lines of the report that name something. */
  said(name: string): string[];
}

/** A folder with foreign files, and an empty one of pipelines. */
export function importStage() {
  const foreign = aFolderOfPipelines();
  const pipelines = aFolderOfPipelines();
  let count = 0;
  return {
    foreign,
    pipelines,
    remove: () => {
      foreign.remove();
      pipelines.remove();
    },
    /** Imports a file and reads the result with the eyes of `check`, which must find no fault. */
    async read(kind: ImportKind, file: string): Promise<ReadBack> {
      count += 1;
      const { folder, name } = await importPipeline(pipelines.config, kind, join(foreign.root, file), `imported-${count}`);
      const checked = await checkPipeline(pipelines.config, name);
      if (checked.exitStatus !== 0) throw new Error(JSON.stringify(checked.faults));
      const yaml = readFileSync(join(folder, 'pipeline.yaml'), 'utf8');
      const manifest = compileYaml(name, yaml) as Manifest;
      const report = readFileSync(join(folder, 'IMPORT.md'), 'utf8');
      return {
        manifest,
        yaml,
        report,
        parameter: (wanted) => manifest.parameters.find((one) => one.name === wanted) ?? expectNamed(wanted, manifest),
        said: (wanted) => report.split('\n').filter((line) => line.startsWith('- ') && line.includes(`\`${wanted}\``)),
      };
    },
    /** The sentence by which an import is refused; nothing may be left of it. */
    async refused(kind: ImportKind, file: string): Promise<string> {
      const before = readdirSync(pipelines.root);
      const error = await importPipeline(pipelines.config, kind, join(foreign.root, file), 'refused').then(
        () => null,
        (failure: unknown) => failure as Error,
      );
      expect(error?.name).toBe('StartupError');
      expect(readdirSync(pipelines.root)).toEqual(before);
      expect(existsSync(join(pipelines.root, 'refused'))).toBe(false);
      return error?.message ?? '';
    },
  };
}

function expectNamed(name: string, { parameters }: Manifest): never {
  throw new Error(`no parameter ${name} among ${parameters.map((one) => one.name).join(', ')}`);
}
