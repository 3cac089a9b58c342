/** What became of one call. */
export type Outcome<Answer> = { answer: Answer } | { error: unknown };

interface Waiting<Call, Answer> {
  call: Call;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** As many as one statement or transaction carries without keeping others waiting for long. */
const MOST_AT_ONCE = 64;

/**
 * Carries out together what is asked for together: the calls of one turn of the event loop, and those that come in while the ones before
 * are under way. So a runner with many short runs pays for few commits, and a call that comes alone waits for nobody. Each call is
 * answered for itself.
 */
export class Gatherer<Call, Answer> {
  private waiting: Waiting<Call, Answer>[] = [];
  private isBusy = false;

  /** @param carryOut one outcome for each call, in their order; what it throws is the outcome of all of them. */
  constructor(private readonly carryOut: (calls: Call[]) => Promise<Outcome<Answer>[]>) {}

  ask(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ call, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      queueMicrotask(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) await this.answer(this.waiting.splice(0, MOST_AT_ONCE));
    this.isBusy = false;
  }

  private async answer(calls: readonly Waiting<Call, Answer>[]): Promise<void> {
    try {
      const outcomes = await this.carryOut(calls.map(({ call }) => call));
      for (const [index, { resolve, reject }] of calls.entries()) {
        const outcome = outcomes[index];
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.answer);
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}
