import type { Manifest } from '../common/pipelines/manifest';
import { text } from '../locales/text';

/** What to do about a run that needed more memory than it was allowed, and who can: the person with the form, or the administrator. */
export function memoryAdvice({ title, needs, parameters, runtime }: Pick<Manifest, 'title' | 'needs' | 'parameters' | 'runtime'>): string {
  const { memoryBytes } = needs;
  if (typeof memoryBytes === 'number') return text('runner.memoryOfPipeline', { title });
  if (memoryBytes !== null) {
    const field = parameters.find(({ name }) => name === memoryBytes.parameter);
    return text('runner.memoryOfField', { label: field?.label ?? memoryBytes.parameter, title });
  }
  if (runtime.kind === 'slurm') return text('runner.memoryOfCluster', { title });
  return text(runtime.kind === 'compose' ? 'runner.memoryOfComposeFile' : 'runner.memoryOfInstallation', { title });
}
