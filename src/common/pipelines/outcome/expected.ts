import { Scope, type FilePlaces } from '../argument-files/scope';
import type { Template } from '../argument-files/argument-file';
import { textOf } from '../argument-files/pieces';
import { holding } from '../conditions-hold';
import type { Manifest, ParameterValues } from '../manifest';

/** Name of the record among the control files of an attempt. */
export const EXPECTED = 'expected.json';

/** One row as the program will tell of it. */
export interface ExpectedRow {
  key: string;
  /** What it is called where it failed; absent: as `key`. */
  failedKey?: string;
  title?: string;
  /** Paths in the folder for results. */
  outputs?: string[];
}

/** What a run is to do, found out before its start: by then values, files and their places are what they are for the program. */
export interface Expected {
  /** Ids of the steps that are ticked. */
  steps: string[];
  rows: ExpectedRow[];
  /** What the file holds that tells of the end; absent: anything. */
  ended?: string;
}

type Judged = Pick<Manifest, 'parameters' | 'outcome' | 'steps'>;

/** Whether more than exit status and required outputs decides. */
export function isJudged({ steps, outcome: { log, ended, rows } }: Pick<Manifest, 'steps' | 'outcome'>): boolean {
  return [steps, log, ended, rows].some((rule) => rule !== undefined);
}

export function expectedOf(manifest: Judged, values: ParameterValues, places: FilePlaces): Expected {
  const { steps = [], outcome } = manifest;
  const ticked = holding(steps, manifest, values);
  const scope = new Scope(manifest.parameters, values, places);
  return {
    steps: steps.filter((step) => ticked.has(step)).map(({ id }) => id),
    rows: outcome.rows ? rowsOf(outcome.rows, scope) : [],
    ...(outcome.ended?.equals && { ended: written(outcome.ended.equals, scope) }),
  };
}

function rowsOf(rule: NonNullable<Manifest['outcome']['rows']>, scope: Scope): ExpectedRow[] {
  return scope.itemsOf(rule.of).map((value, index) => {
    const here = scope.at([{ parameter: rule.of, value }], index + 1);
    const of = (template: Template) => written(template, here);
    return {
      key: of(rule.key),
      ...(rule.failedKey && { failedKey: of(rule.failedKey) }),
      ...(rule.title && { title: of(rule.title) }),
      ...(rule.requiredOutputs && { outputs: rule.requiredOutputs.map(of) }),
    };
  });
}

/** What cannot be joined was refused at the form. */
function written(template: Template, scope: Scope): string {
  return textOf(scope.assembleAll(template, '', () => undefined));
}
