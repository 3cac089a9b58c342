export type PlotFaultKind = 'slow' | 'large' | 'foreign' | 'gone' | 'bad' | 'badSpec' | 'ended';

const LONGEST = 200;

/** The reason why a plot is not drawn; its message is the words of whoever found it, where there are any. */
export class PlotFault extends Error {
  constructor(
    readonly kind: PlotFaultKind,
    reason = '',
  ) {
    super(reason.slice(0, LONGEST));
  }
}

/** Whatever was thrown while a plot was drawn. */
export function asFault(error: unknown): PlotFault {
  return error instanceof PlotFault ? error : new PlotFault('bad', error instanceof Error ? error.message : String(error));
}
