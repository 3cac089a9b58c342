import { Injectable } from '@nestjs/common';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import type { WaitingLine } from '../../common/waiting/waiting-line';
import { FailureCauses } from './failure-causes';
import { RunOrigins } from './run-origins';
import type { RowContext, RunRow } from './run-row';
import { RunRows } from './run-rows.service';

/** The rows of pages: with what started their runs, and why those failed. */
@Injectable()
export class ToldRows {
  constructor(
    private readonly rows: RunRows,
    private readonly origins: RunOrigins,
    private readonly causes: FailureCauses,
  ) {}

  /** See `RunRows.of`. */
  async of(person: User, runs: readonly Run[], line: WaitingLine, fits?: (run: Run, context: RowContext) => boolean): Promise<RunRow[]> {
    const rows = await this.origins.add(await this.rows.of(person, runs, line, fits));
    const readable = new Set(rows.flatMap(({ id, mayRead }) => (mayRead ? [id] : [])));
    const causes = await this.causes.of(runs.filter(({ id }) => readable.has(id)));
    return rows.map((row) => ({ ...row, sentence: causes.get(row.id) ?? row.sentence }));
  }
}
