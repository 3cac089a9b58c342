import type { ConditionRule } from '../../browser/conditions/form-conditions';
import type { TemplatePart, ValuePart, WorkFolderRules } from './argument-files/argument-file';
import type { NameRule } from '../../browser/conditions/name-rules';
import type { PipelineAccess } from './access';
import type { Needs } from './needs';
import type { OutcomeRules, StepRule } from './outcome/outcome-rules';
import type { RichParameter, Row, Section, Source } from './rich-parameters';
import type { Runtime } from './runtime';
import type { ViewRule } from './views/view-rules';

/**
 * The compiled form of a pipeline, whether it was written as an annotated script or as `pipeline.yaml`. One definition serves the
 * form, the check of what was entered, the runner and the result page. Later kinds of runtime, parameter and output widen these types.
 */
export interface Manifest extends WorkFolderRules {
  /** Name of the folder, or of the script without its extension; part of addresses, so `[A-Za-z0-9._-]`. */
  id: string;
  title: string;
  /** One sentence for lists. */
  summary: string;
  /** What goes in and comes out, in a few words each; '' when not told. */
  takes: string;
  gives: string;
  version: string;
  /** Name of a symbol in the icon sprite. */
  icon: string;
  /** Who may run it; absent: everyone. Not kept with runs. */
  access?: PipelineAccess;
  runtime: Runtime;
  parameters: Parameter[];
  /** Parts of the form, in their order; absent: it has none. */
  sections?: Section[];
  /** Where names and rows come from, by name. */
  sources?: Record<string, Source>;
  /** Values that the form offers under a name; absent: none. Not kept with runs. */
  presets?: { title: string; values: Record<string, unknown> }[];
  /** What must hold between the values of parameters; absent: nothing. */
  rules?: ConditionRule[];
  /** What names must be that are picked or typed; absent: anything. */
  nameRules?: NameRule[];
  /** How values become argv, after the command of the runtime. */
  arguments: ArgumentPart[];
  outputs: OutputRule[];
  /** Results that are looked at together; absent: none. */
  views?: ViewRule[];
  limits: { timeSeconds: number | null; parallel: number | null } & ProgramLimits;
  needs: Needs;
  /** Low goes first in the queue; 0 unless the pipeline says otherwise. */
  rank: number;
  /** `starts` counts the first one: 1 means no retry. */
  retry: { starts: number; on: ('failed' | 'timed_out' | 'lost')[] };
  outcome: { successCodes: number[]; partialCodes: number[]; requiredOutputs: string[] } & OutcomeRules;
  /** Parts of the work in the order in which they are done; absent: it is one whole. */
  steps?: StepRule[];
  progress: ProgressRule | null;
  /** Of a run that repeats another one exactly: the image in which that one ran. No manifest says so by itself. */
  sameImage?: SameImage;
}

/** The image of an earlier run: without it nothing is started. */
export interface SameImage {
  /** Number of that run. */
  run: number;
  /** The digest under which a registry has it, or the id that the machine gave it. */
  digest: string;
}

/** What a program may take at most, beside its needs; null or absent: no limit. Held for local processes. */
export interface ProgramLimits {
  /** Processes and threads of the whole program. */
  processes?: number | null;
  /** Processor time of each process. */
  cpuSeconds?: number | null;
  /** Files that each process may have open. */
  openFiles?: number | null;
  /** Size of any file that it writes. */
  fileBytes?: number | null;
  /** What a container keeps outside of the folders that it is given. */
  scratchBytes?: number | null;
}

/** How the progress of a program is read from its log. */
export interface ProgressRule {
  /** Regular expression on lines with groups `percent` or `done` and `total`, and `text`. */
  pattern?: string;
  /** Without a pattern: which well-known lines are looked for. */
  lines?: 'auto' | 'tqdm';
  /** How often it begins anew, each for the same share of the whole; absent: once. */
  steps?: number;
}

interface ParameterBase {
  /** `[A-Za-z_][A-Za-z0-9_]*`, unique in the pipeline. */
  name: string;
  label: string;
  help: string;
  required: boolean;
  /** Folded away in the form. */
  advanced: boolean;
  /** Expression (see `browser/conditions`): the parameter applies only where it holds, and has no value elsewhere. Absent: always. */
  when?: string;
  /** Expression: the parameter must not stay empty where it holds. */
  requiredWhen?: string;
  /** Shown in the empty field. */
  placeholder?: string;
  examples?: string[];
  /** Paragraphs that are folded below the field. */
  helpLong?: string;
  /** Id of the section in which it stands; absent: before them all. */
  section?: string;
}

export type Parameter = ParameterBase &
  (
    | { type: 'string'; default: string; pattern: string | null; patternMessage: string | null; maxLength: number }
    | { type: 'text'; default: string; rows: number; maxLength: number }
    | {
        type: 'integer' | 'number';
        default: number | null;
        min: number | null;
        max: number | null;
        step: number | null;
        unit: string;
        /** What 0 does; then it is allowed, whatever the range. */ zeroMeans?: string;
      }
    /** `spelling`: what it is written as instead of `true` and `false`. */
    | { type: 'boolean'; default: boolean; spelling?: { true: string; false: string } | undefined }
    | { type: 'choice'; default: string; options: { value: string; label: string }[] }
    | { type: 'file'; accept: string[] }
    /** `separator`: between its items where they are written as one text; absent: a comma. */
    | { type: 'files'; accept: string[]; minItems: number; maxItems: number; separator?: string | undefined }
    /** Name of a file that the pipeline writes into the run's output folder. */
    | { type: 'output'; default: string; extension: string }
    | RichParameter
  );

export type ParameterType = Parameter['type'];

/**
 * One part of argv. A literal is one argument as it stands. A value is left out when its parameter is empty; `separate` gives
 * `--flag value`, `equals` gives `--flag=value`, `bare` the value alone; `files` repeat it for each file. A boolean gives `whenTrue` or `whenFalse` (nothing if null).
 */
export type ArgumentPart =
  | { kind: 'literal'; value: string }
  | {
      kind: 'value';
      parameter: string;
      flag: string | null;
      style: 'bare' | 'separate' | 'equals';
      /** Passes '' for an empty parameter, so that later positions hold. */
      keepEmpty?: boolean;
      /** A list is one argument, with this between its items; absent: one for each item. */
      join?: string;
    }
  | { kind: 'boolean'; parameter: string; whenTrue: string | null; whenFalse: string | null }
  /** The folder for results, absolute. */
  | { kind: 'outputFolder'; flag: string | null; style: 'bare' | 'separate' | 'equals' }
  /** One argument of text and places; no value of the form. */
  | { kind: 'template'; flag: string | null; style: 'bare' | 'separate' | 'equals'; template: PlaceTemplate };

/** Text and places, without any value of the form. */
export type PlaceTemplate = Exclude<TemplatePart, ValuePart>[];

export const OUTPUT_KINDS = ['figures', 'image', 'label', 'overlay', 'plot', 'table', 'text', 'json', 'html', 'site', 'download'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** Which result files are shown, how and in what order; files that no rule names are shown by their type. */
export interface OutputRule {
  /** Glob relative to the output folder: `*.png`, `overlay.png`. */
  glob: string;
  kind: OutputKind;
  title: string;
  /** Heading under which it is shown; absent: above all headings. */
  group?: string | undefined;
  /** A sentence beside it. */
  caption?: string | undefined;
  /** The viewer of somebody else that is offered for it; absent: none. */
  open?: ForeignViewer | undefined;
}

/** `ellviewer` is the one at the address of the setting ELLVIEWER_URL, where there is one. */
export type ForeignViewer =
  | 'ellviewer'
  | {
      /** Words of the button. */
      title: string;
      /** Address with the places `{url}`, for a link under which the file can be read for a while, and `{name}`. */
      url: string;
      /** Column of the table whose names of files become such links as well. */
      addresses?: string | undefined;
    };

/** A pipeline that could not be read: for the administrator, and never in the way of the others. */
export interface BrokenPipeline {
  id: string;
  /** Path of the file at fault, relative to PIPELINES_DIR. */
  file: string;
  /** One sentence per fault, with line and field where known. */
  faults: string[];
  /** It may be one that not everybody may run: nobody but administrators is told of it. */
  isRestricted?: boolean;
}

/** Where a pipeline lies, beside what it says. */
/** What people read of a pipeline, in other languages: by tag, then by the text as the pipeline has it. */
export type PipelineWords = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Pipeline {
  manifest: Manifest;
  /** Absolute folder that `./` in the command means; for a bare script the folder that holds it. */
  folder: string;
  /** What people read of it in other languages; absent where nobody has translated it. */
  words?: PipelineWords;
  /** What is wrong with files of these, with their names: the pipeline itself works. */
  wordFaults?: string[];
}

/**
 * A reference to an input file in submitted values: `project:<path>`, `inbox:<path>` or `own:<path>`, the path relative with `/`, in the
 * encoding of `common/files/entry-name.ts`.
 */
export type FileReference = string;

/**
 * Checked values by parameter name: booleans as such, several values as a list, tables as their rows, all else as text. Numbers too are the text that was typed,
 * so that a program gets `1e-3` or `0.50` as the person wrote it. Empty ones are absent, and so are those that do not apply.
 */
export type ParameterValues = Record<string, string | boolean | string[] | Row[]>;

export type { Row } from './rich-parameters';
