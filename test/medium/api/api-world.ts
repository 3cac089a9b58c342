import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { makePipelines } from '../../pipeline-folder';
import { ShowStage } from '../show/show-stage';

/** A script whose form has a file, a number, a choice and an output. */
const BLUR = `#!/bin/sh
##~~ title: Blur
##~~ input [.txt .tif] - the image
##~~ sigma:number=1.5 [0..10 px] - blur radius
##~~ kernel:choice=box [box|gauss] - its shape
##~~ output=blurred.txt - the result
cp "$1" "$4"
`;

const MERGE = `
title: Merge
summary: Merges tables
command: [./merge.sh]
parameters:
  - { name: tables, type: files, accept: [csv, txt], label: Tables, required: false }
  - { name: notes, type: text, required: false }
  - { name: depth, type: integer, default: 3, min: 1, advanced: true }
  - { name: fast, type: boolean, default: true }
  - { name: marks, type: choices, options: [a, b], required: false }
  - { name: rows, type: table, required: false, columns: [{ name: name, type: string }, { name: weight, type: number }] }
`;

/** A web application with a person, a project of theirs with a file, and two pipelines. */
export async function openApiWorld(
  settings: Record<string, string> = {},
): Promise<{ stage: ShowStage; email: string; close(): Promise<void> }> {
  const folder = makePipelines({ blur: BLUR, 'merge/pipeline.yaml': MERGE, 'merge/merge.sh': '#!/bin/sh\n' });
  const stage = await ShowStage.open({ PIPELINES_DIR: folder, API_RATE: '1000000', ...settings });
  const owner = await stage.web.app.get(UsersRepository).findById(stage.project.ownerId);
  const { ownerId, id } = stage.project;
  writeFileSync(join(stage.web.database.config.filesRoot, ownerId, id, 'cells.txt'), 'seven cells\n');
  const close = async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { stage, email: owner!.email!, close };
}
