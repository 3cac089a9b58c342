/**
 * Files that the runner writes for a program before it starts, as manifests have them once they are read. All of them lie in the folder
 * for results, which is the program's working folder.
 */

/** What is known only when a run starts. `workFolder` and `outputFolder` are one folder. */
export const PLACES = ['workFolder', 'outputFolder', 'projectFolder', 'runId'] as const;
export type Place = (typeof PLACES)[number];

/** Parts of the name of a chosen file: `a.tif`, `a`, `.tif`. */
export const FILE_FIELDS = ['name', 'stem', 'ext'] as const;
export type FileField = (typeof FILE_FIELDS)[number];

/** Of a parameter, or of a column of the row that is being written. */
export interface ValuePart {
  name: string;
  field?: FileField;
  /** Between the items of a list; goes before the separator of the parameter. */
  join?: string;
}

/** What stands in a template anyway, or what is filled in. Templates are split when the manifest is read, so that no value is looked at for braces. */
export type TemplatePart = string | { place: Place } | ValuePart;

export type Template = TemplatePart[];

/** One word of a line, or several: one for each item where a list stands alone. Each run keeps its manifest, so what is usual is not said. */
export type LineWord =
  | {
      template: Template;
      /** A word of its own before it. */
      flag?: string;
      /** A list gives one word for each of its items. */
      each?: true;
      /** Written although something in it is empty, whatever its line says. */
      keepEmpty?: true;
    }
  | { boolean: string; whenTrue: string | null; whenFalse: string | null };

export interface FileLine {
  /** Expression: it is written only where it holds. Absent: always. */
  when?: string;
  words: LineWord[];
  /** A word in which a value is empty is left out; else it is written without that value. */
  omitEmpty: boolean;
}

/** How a word is made whole where it holds more than letters, digits and `_@%+=:,./-`. */
export type LineQuote = 'none' | 'single' | 'double' | 'shell';

export interface LinesFile {
  format: 'lines';
  lines: FileLine[];
  quote: LineQuote;
  /** Regular expression for each character that a value may hold; null: what can be told from another word in any case. */
  safe: string | null;
  /** What makes a line a comment for its reader; '' for nothing. */
  comment: string;
}

export interface RowsFile {
  format: 'rows';
  /** Parameters of which each row takes one item or row: of several, each with each, the last one going round fastest. */
  rows: string[];
  columns: { header: string; template: Template }[];
  /** `comment`: behind the sign of a comment. */
  header: 'none' | 'plain' | 'comment';
  delimiter: string;
  quote: 'never' | 'needed' | 'always';
  /** What makes a line a comment for its reader; '' for nothing. */
  comment: string;
}

/** What stands in a YAML or JSON file. A template of one value alone keeps the type of that value. */
export type DocumentNode =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'template'; template: Template }
  | { kind: 'list'; items: DocumentNode[] }
  | { kind: 'map'; entries: [key: string, node: DocumentNode][] };

export interface DocumentFile {
  format: 'yaml' | 'json';
  value: DocumentNode;
  /** Fields and items that are empty are left out; else they are null. */
  omitEmpty: boolean;
}

export type ArgumentFile = {
  /** Relative, joined by `/`, without `.` and `..`. */
  path: string;
  /** Whether it stays among the results. */
  keep: boolean;
} & (LinesFile | RowsFile | DocumentFile);

/** Files that are brought into the working folder before the start. `to` is '' or a relative folder that ends with `/`. */
export type Staging =
  | {
      kind: 'files';
      /** Of the type `file`, `files` or `table`. */
      parameter: string;
      /** Of a table: the column that holds the files. */
      column: string | null;
      to: string;
      /** How each is called there; `stem`, `ext`, `name` and `index` (from 1) are those of the file. */
      name: Template;
      as: 'link' | 'copy';
    }
  | { kind: 'run'; parameter: string; globs: string[]; to: string };

/** How a program is told the number of its run. */
export type RunIdChannel = { env: string } | { file: string };

/** The part of a manifest that says what lies in the working folder before and after a run; absent: nothing. */
export interface WorkFolderRules {
  files?: ArgumentFile[];
  stage?: Staging[];
  runId?: RunIdChannel;
  /** Globs of what is removed after the staging, and when the run has ended. */
  before?: { clear: string[] };
  after?: { clear: string[] };
}
