import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { LimitError } from '../../../src/common/errors';
import type { Amounts } from '../../../src/common/space/space';
import { SpaceReservation } from '../../../src/common/space/space.entity';
import { MINUTE, SpaceStage } from './space-stage';

/** The same sequences each time; others by these variables. */
const SEED = Number(process.env['SPACE_SEED'] ?? 20_261_125);
const SEQUENCES = Number(process.env['SPACE_SEQUENCES'] ?? 60);
const MOST = { bytes: 100, files: 12 };
const IDS = 4;

/** What a space should be after the same steps: the plainest thing that could be right. */
class Model {
  used: Amounts = { bytes: 0, files: 0 };
  readonly reservations = new Map<string, Amounts & { live: boolean }>();

  get reserved(): Amounts {
    return this.sumOf(undefined);
  }

  reserve(id: string, asked: Amounts): boolean {
    const known = this.reservations.get(id);
    const others = this.sumOf(id);
    const grows = !known?.live || asked.bytes > known.bytes || asked.files > known.files;
    const fits = (['bytes', 'files'] as const).every((what) => this.used[what] + others[what] + asked[what] <= MOST[what]);
    if (grows && !fits) return false;
    this.reservations.set(id, { ...asked, live: true });
    return true;
  }

  settle(id: string, real: Amounts): void {
    if (this.reservations.delete(id)) this.add(real);
  }

  settlePart(id: string, real: Amounts): void {
    const known = this.reservations.get(id);
    if (!known) return;
    known.bytes = Math.max(0, known.bytes - real.bytes);
    known.files = Math.max(0, known.files - real.files);
    this.add(real);
  }

  add(change: Amounts): void {
    this.used = { bytes: Math.max(0, this.used.bytes + change.bytes), files: Math.max(0, this.used.files + change.files) };
  }

  private sumOf(without: string | undefined): Amounts {
    const sum = { bytes: 0, files: 0 };
    for (const [id, one] of this.reservations) {
      if (id === without || !one.live) continue;
      sum.bytes += one.bytes;
      sum.files += one.files;
    }
    return sum;
  }
}

const amounts = (least: number) =>
  fc.record({ bytes: fc.integer({ min: least * 60, max: 60 }), files: fc.integer({ min: least * 6, max: 6 }) });
const id = fc.integer({ min: 0, max: IDS - 1 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('reserve' as const), id, amounts: amounts(0) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('settle' as const), id, amounts: amounts(0) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('settlePart' as const), id, amounts: amounts(0) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('release' as const), id, amounts: amounts(0) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('expire' as const), id, amounts: amounts(0) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('add' as const), id, amounts: amounts(-1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

describe('the steps of space', () => {
  let stage: SpaceStage;

  beforeAll(async () => {
    stage = await SpaceStage.open({ GUEST_SPACE: String(MOST.bytes), GUEST_FILES: String(MOST.files) });
  });
  afterAll(() => stage.close());

  async function open() {
    const { owner, project } = await stage.owner();
    await stage.space.measure(owner.id);
    const ids = Array.from({ length: IDS }, () => randomUUID());
    const reserve = (which: number, asked: Amounts) =>
      stage.space.reserve(owner.id, asked, { id: ids[which], projectId: project.id, what: 'upload', forMs: MINUTE }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof LimitError) return false;
          throw error;
        },
      );
    const carryOut = ({ verb, id, amounts }: Step): Promise<unknown> => {
      switch (verb) {
        case 'reserve':
          return reserve(id, amounts);
        case 'settle':
          return stage.space.settle(ids[id], amounts);
        case 'settlePart':
          return stage.space.settlePart(ids[id], amounts);
        case 'release':
          return stage.space.release(ids[id]);
        case 'expire':
          return stage.dataSource.getRepository(SpaceReservation).update({ id: ids[id] }, { expiresMs: 1 });
        case 'add':
          return stage.space.add(owner.id, amounts);
      }
    };
    const figures = async () => {
      const { used, reserved } = await stage.space.useOf(owner);
      return { used, reserved };
    };
    return { ids, carryOut, figures };
  }

  function carryOutInModel(model: Model, ids: readonly string[], { verb, id, amounts }: Step): unknown {
    const name = ids[id];
    if (verb === 'reserve') return model.reserve(name, amounts);
    if (verb === 'settle') return model.settle(name, amounts);
    if (verb === 'settlePart') return model.settlePart(name, amounts);
    if (verb === 'add') return model.add(amounts);
    if (verb === 'release') return void model.reservations.delete(name);
    const known = model.reservations.get(name);
    if (known) known.live = false;
    return undefined;
  }

  it('do one after the other what a simple model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const model = new Model();
        const { ids, carryOut, figures } = await open();
        for (const [index, one] of steps.entries()) {
          const real = await carryOut(one);
          const expected = carryOutInModel(model, ids, one);
          if (one.verb === 'reserve') expect([index, real]).toEqual([index, expected]);
          expect([index, await figures()]).toEqual([index, { used: model.used, reserved: model.reserved }]);
        }
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
  });

  it('never let reservations side by side take more than there is, and lose nothing that is settled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(amounts(0), { minLength: 2, maxLength: 10 }), async (asked) => {
        const { owner, project } = await stage.owner();
        await stage.space.measure(owner.id);
        const terms = { projectId: project.id, what: 'upload' as const, forMs: MINUTE };
        const outcomes = await Promise.allSettled(
          asked.map(async (one) => {
            const reservation = await stage.space.reserve(owner.id, one, terms);
            await stage.space.settle(reservation, one);
            return one;
          }),
        );
        const settled = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        const sum = settled.reduce((total, one) => ({ bytes: total.bytes + one.bytes, files: total.files + one.files }), {
          bytes: 0,
          files: 0,
        });
        const { used, reserved } = await stage.space.useOf(owner);
        expect({ used, reserved }).toEqual({ used: sum, reserved: { bytes: 0, files: 0 } });
        expect(sum.bytes).toBeLessThanOrEqual(MOST.bytes);
        expect(sum.files).toBeLessThanOrEqual(MOST.files);
        // What was refused does not fit now either, since nothing is ever given back here.
        const refused = asked.filter((_one, index) => outcomes[index].status === 'rejected');
        for (const one of refused) expect(sum.bytes + one.bytes > MOST.bytes || sum.files + one.files > MOST.files).toBe(true);
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
  });
});
