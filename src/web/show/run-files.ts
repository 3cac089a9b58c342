import { Injectable } from '@nestjs/common';
import type { Run } from '../../common/queue/run.entity';
import { RunInputs, type InputsView } from './run-inputs';
import { RunOutputs, type OutputsView } from './run-outputs';

/** What a run was given and what it has left, each file as it was then. */
@Injectable()
export class RunFiles {
  constructor(
    private readonly inputs: RunInputs,
    private readonly outputs: RunOutputs,
  ) {}

  async of(run: Run): Promise<{ inputs: InputsView | null; outputs: OutputsView | null }> {
    const [inputs, outputs] = await Promise.all([this.inputs.of(run), this.outputs.of(run)]);
    return { inputs, outputs };
  }
}
