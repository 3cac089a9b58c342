import { Injectable } from '@nestjs/common';
import { PresetsRepository } from '../../common/presets/presets.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Values of forms that were kept by people who are gone, or were deleted. */
@Injectable()
export class GonePresets extends Chore {
  readonly name = 'presets that nobody sees';

  constructor(private readonly presets: PresetsRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    const ids = await this.presets.useless();
    return rowsWaste('presets that nobody sees', ids.length, () => this.presets.deleteAll(ids));
  }
}
