/** What the server answers to a search among names that a form picks from. */
export interface FoundNames {
  /** The first of them; those that begin with what was asked for go first. */
  names: string[];
  /** How many fit. */
  count: number;
  /** How many names there are. */
  total: number;
  /** Why there are none, as a sentence; '' where there are. */
  fault: string;
}

/** What the server answers to a search among files. */
export interface FoundFiles extends FoundNames {
  /** One for each name: what stands for it in the form, what its menu shows, under which heading, and whether it lies in the project itself. */
  files: { value: string; label: string; group: string; isOwn: boolean }[];
}

/** Which of some pasted names there are. */
export interface SortedNames {
  known: string[];
  unknown: string[];
  /** What is told of the unknown ones; '' when there are none. */
  sentence: string;
}
