import { text } from '../../locales/text';
import type { Entered } from './parameters';
import type { Parameter } from './manifest';

/** The names of a source as things are, or why there are none. */
export type SourceNames = { names: ReadonlySet<string> } | { fault: string };

/** What values of a form are compared with, beside the files: see `FileLookup`. */
export interface Surroundings {
  /** @param entered what is entered elsewhere: a source may look into the run that is chosen there. */
  names(source: string, entered: Entered): Promise<SourceNames>;
  /** Why a run cannot be used by a parameter, as a sentence; undefined when it can. */
  runFault(parameter: Extract<Parameter, { type: 'run' }>, run: string): Promise<string | undefined>;
  /** The reference of a file that is named as people see it; what is no such name comes back as it is. */
  reference(name: string): Promise<string>;
  /** Paths of the files that people put into the project, or that a run left which may be used (its number); with `/`. */
  files(run: number | null): Promise<readonly string[]>;
}

/** Of a form that neither picks names nor runs. */
export const NO_SURROUNDINGS: Surroundings = {
  names: () => Promise.resolve({ fault: text('pipelines.noNames') }),
  runFault: () => Promise.resolve(text('pipelines.runNotThere')),
  reference: (name) => Promise.resolve(name),
  files: () => Promise.resolve([]),
};
