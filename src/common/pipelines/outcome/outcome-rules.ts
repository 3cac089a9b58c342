import type { Template } from '../argument-files/argument-file';

/** How the end of a run is weighed beside its exit status, as manifests have it once they are read. Regular expressions have the flag `u`. */

/** What a step needs of others: that another one is ticked, or that a file is there. */
export type StepNeed =
  | { step: string }
  /** `run`: the parameter of the type `run` whose results are looked through; without it the files of the project are. */
  | { files: string; run?: string };

/** A part of the work of a program, by itself done or not. */
export interface StepRule {
  id: string;
  title: string;
  /** Expression: it is ticked where this holds. Absent: always. */
  when?: string;
  /** Name of the parameter where it is said that something is missing. */
  at?: string;
  /** All of these, and of each any one. */
  needs?: StepNeed[][];
  /** Globs in the working folder: what of an earlier run is not brought there where this step is ticked. */
  invalidates?: string[];
  /** Regular expressions of its first and its last line; with groups `year`, `month`, `day`, `hour`, `minute`, `second` they tell the time. */
  start?: string;
  end?: string;
  /** Globs in the folder for results: one new file for each. */
  requiredOutputs?: string[];
  /** Regular expressions of lines that make it fail, whatever else it says. */
  errors?: string[];
}

/** The items or rows of a parameter, each by itself done or not. */
export interface RowRule {
  /** A table, or a parameter that holds several. */
  of: string;
  /** What the program calls a row where it says that it is done. */
  key: Template;
  /** The same where it says that it failed; absent: as `key`. */
  failedKey?: Template;
  /** What a row is called on pages; absent: by its key. */
  title?: Template;
  /** Regular expressions of lines about a row, with the group `row`, and `reason` in `failed`. */
  ok?: string;
  failed?: string;
  /** Paths in the folder for results. */
  requiredOutputs?: Template[];
}

/** The part of `outcome` that looks at log and files. */
export interface OutcomeRules {
  log?: { errors: string[]; ignore: string[] };
  /** A file that the program writes at its very end, and what it then holds; absent: anything. */
  ended?: { file: string; equals?: Template };
  rows?: RowRule;
}
