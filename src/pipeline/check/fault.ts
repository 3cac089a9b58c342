/** What is wrong with a pipeline, and where. */
export interface Fault {
  /** Relative to the folder that holds the pipeline. */
  file: string;
  line: number | null;
  /** As people count: `parameters 2, min`. */
  field: string | null;
  sentence: string;
}

/** A sentence of `BrokenPipeline.faults` taken apart. */
export function faultOf(file: string, said: string): Fault {
  const [, line, field, sentence] = /^Line (\d+)(?:, ([^:]+))?: ([^]*)$/.exec(said) ?? [];
  if (sentence === undefined) return { file, line: null, field: null, sentence: said };
  return { file, line: Number(line), field: field ?? null, sentence };
}

/** One line, as compilers write it: `pipeline.yaml:7: parameters 2, min: The smallest value …`. */
export function describeFault({ file, line, field, sentence }: Fault): string {
  return [line === null ? file : `${file}:${line}`, ...(field === null ? [] : [field]), sentence].join(': ');
}
