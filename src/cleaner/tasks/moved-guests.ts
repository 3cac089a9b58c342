import { Injectable } from '@nestjs/common';
import { GuestMovesRepository } from '../../common/guests/guest-moves.repository';
import { Chore, NOTHING, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** What requests under way wrote in the name of a guest who had moved into an account meanwhile: it follows. */
@Injectable()
export class MovedGuests extends Chore {
  readonly name = 'work of guests who moved';

  constructor(private readonly moves: GuestMovesRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    const unfinished = (await this.moves.findUnfinished()).map(({ guestId, accountId }) => ({
      what: `what the guest ${guestId} left behind on the way to the account ${accountId}`,
      measure: async () => NOTHING,
      remove: async () => {
        await this.moves.move(guestId, accountId);
        return NOTHING;
      },
    }));
    return [...unfinished, ...rowsWaste('moves into accounts', await this.moves.countUseless(), () => this.moves.deleteUseless())];
  }
}
