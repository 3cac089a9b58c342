import { text } from '../../../locales/text';
import { holding } from '../conditions-hold';
import type { Manifest, ParameterValues } from '../manifest';
import { compileGlob } from '../output-glob';
import type { Surroundings } from '../surroundings';
import type { StepNeed, StepRule } from './outcome-rules';

type Checked = Pick<Manifest, 'parameters'> & Partial<Pick<Manifest, 'steps' | 'stage'>>;

/** What keeps a step from running, and whether leaving out others would help. */
interface Unmet {
  need: StepNeed;
  /** Titles of ticked steps that would remove the file that is there. */
  removing: string[];
}

/**
 * Ticked steps that cannot run: what they need is neither ticked nor there.
 * @param values those that are right; a run among them may be used.
 * @returns one sentence by the name of the parameter where it is said.
 */
export async function stepErrors(
  manifest: Checked,
  values: ParameterValues,
  around: Pick<Surroundings, 'files'>,
): Promise<Record<string, string>> {
  const { steps = [] } = manifest;
  if (!steps.some(({ needs }) => needs)) return {};
  const held = holding(steps, manifest, values);
  const look = new NeedCheck(
    manifest,
    steps.filter((step) => held.has(step)),
    values,
    around,
  );
  const errors: Record<string, string> = {};
  for (const step of steps) {
    if (!held.has(step) || step.at === undefined || Object.hasOwn(errors, step.at)) continue;
    for (const any of step.needs ?? []) {
      const unmet = await look.unmet(any);
      if (unmet.length > 0) errors[step.at] ??= sentenceOf(step, unmet, manifest);
    }
  }
  return errors;
}

/** Compares needs with the steps that are ticked and the files that are there. */
class NeedCheck {
  constructor(
    private readonly manifest: Checked,
    private readonly ticked: readonly StepRule[],
    private readonly values: ParameterValues,
    private readonly around: Pick<Surroundings, 'files'>,
  ) {}

  /** Nothing where one of them is met. */
  async unmet(any: readonly StepNeed[]): Promise<Unmet[]> {
    const unmet: Unmet[] = [];
    for (const need of any) {
      const removing = 'step' in need ? this.tickedStep(need.step) : await this.file(need);
      if (removing === 'met') return [];
      unmet.push({ need, removing });
    }
    return unmet;
  }

  private tickedStep(step: string): 'met' | string[] {
    return this.ticked.some(({ id }) => id === step) ? 'met' : [];
  }

  private async file({ files: glob, run }: Extract<StepNeed, { files: string }>): Promise<'met' | string[]> {
    const chosen = run === undefined ? null : Object.hasOwn(this.values, run) ? this.values[run] : '';
    if (chosen !== null && (typeof chosen !== 'string' || !/^\d{1,15}$/.test(chosen))) return [];
    const fits = compileGlob(glob);
    const found = (await this.around.files(chosen === null ? null : Number(chosen))).filter(fits);
    if (found.length === 0) return [];
    return run === undefined ? 'met' : this.kept(run, found);
  }

  /** Whether a file of the earlier run will lie in the working folder: it has to be brought there, and no step makes it anew. */
  private kept(run: string, found: readonly string[]): 'met' | string[] {
    const stagings = (this.manifest.stage ?? []).flatMap((one) => (one.kind === 'run' && one.parameter === run ? [one] : []));
    const places =
      stagings.length === 0
        ? [...found]
        : found.flatMap((path) => stagings.filter(({ globs }) => globs.some((glob) => compileGlob(glob)(path))).map(({ to }) => to + path));
    const removing = new Set<string>();
    for (const path of places) {
      const steps = this.ticked.filter(({ invalidates = [] }) => invalidates.some((glob) => compileGlob(glob)(path)));
      if (steps.length === 0) return 'met';
      for (const { title } of steps) removing.add(title);
    }
    return [...removing];
  }
}

function sentenceOf(step: StepRule, unmet: readonly Unmet[], manifest: Checked): string {
  const ways = unmet.map((one) => inWords(one, manifest));
  const last = ways.at(-1) ?? '';
  return ways.length === 1
    ? text('outcome.needsThis', { title: step.title, first: last })
    : text('outcome.needsEither', { title: step.title, first: ways.slice(0, -1).join(', '), other: last });
}

function inWords({ need, removing }: Unmet, { parameters, steps = [] }: Checked): string {
  if ('step' in need) return text('outcome.needsStep', { title: steps.find(({ id }) => id === need.step)?.title ?? need.step });
  if (need.run === undefined) return text('outcome.needsFile', { glob: need.files });
  const label = parameters.find(({ name }) => name === need.run)?.label ?? need.run;
  const said = { glob: need.files, label, titles: removing.join(', ') };
  return text(removing.length > 0 ? 'outcome.needsFileKept' : 'outcome.needsFileOfRun', said);
}
