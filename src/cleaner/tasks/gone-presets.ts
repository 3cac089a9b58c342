import { Injectable } from '@nestjs/common';
import { PresetsRepository } from '../../common/presets/presets.repository';
import { Chore, rowsWaste, type Waste } from '../chore';

/** Values of forms that were kept by people who are gone. */
@Injectable()
export class GonePresets extends Chore {
  readonly name = 'presets of nobody';

  constructor(private readonly presets: PresetsRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    const ids = await this.presets.orphans();
    return rowsWaste('presets of nobody', ids.length, () => this.presets.deleteAll(ids));
  }
}
