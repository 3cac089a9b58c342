/** A file of one run, as it was then. */
export interface FileFact {
  /** For people; the same file of another run has the same one. */
  name: string;
  size: number;
  /** Null where nobody knows. */
  sha256: string | null;
}

/** The files of one run. */
export interface FileList {
  files: readonly FileFact[];
  /** Whether these are all that it has. */
  complete: boolean;
}

/** One file in all runs. */
export interface FileLine {
  name: string;
  /** `part`: not in all runs. `unknown`: of one size, and not all checksums are known; or not listed where not all files are. */
  verdict: 'same' | 'differs' | 'part' | 'unknown';
  differs: boolean;
  /** In the order of the runs; null where a run has no such file. */
  cells: ({ size: number; sha256: string | null } | null)[];
}

/** Files by their names, those that differ first. @param runs null where nobody knows what a run has: it takes no part in the verdicts. */
export function fileLines(runs: readonly (FileList | null)[]): FileLine[] {
  const byName = runs.map((list) => list && new Map(list.files.map((file) => [file.name, file])));
  const names = [...new Set(runs.flatMap((list) => (list?.files ?? []).map(({ name }) => name)))];
  const lines = names.map((name): FileLine => {
    const cells = byName.map((files) => files?.get(name) ?? null);
    const known = cells.filter((_, run) => runs[run] !== null);
    const isPart = cells.some((cell, run) => cell === null && runs[run]?.complete === true);
    const verdict = isPart ? 'part' : verdictOf(known);
    return { name, verdict, differs: verdict !== 'same', cells };
  });
  return [...lines.filter(({ differs }) => differs), ...lines.filter(({ differs }) => !differs)];
}

function verdictOf(cells: readonly (Omit<FileFact, 'name'> | null)[]): FileLine['verdict'] {
  const files = cells.filter((cell) => cell !== null);
  if (new Set(files.map(({ size }) => size)).size > 1) return 'differs';
  const sums = new Set(files.map(({ sha256 }) => sha256));
  // Two that are known to differ are enough.
  if ([...sums].filter((sum) => sum !== null).length > 1) return 'differs';
  return sums.has(null) || files.length < cells.length ? 'unknown' : 'same';
}
