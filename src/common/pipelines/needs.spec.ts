import type { Parameter } from './manifest';
import { leastDemandOf, type Need } from './needs';

const GIB = 1024 ** 3;
const number = (over: object): Parameter =>
  ({ name: 'size', type: 'integer', required: true, default: null, min: null, ...over }) as Parameter;
const byField = (over: Partial<Exclude<Need, number>> = {}): Need => ({ parameter: 'size', times: 1, plus: 0, least: 0, ...over });

describe('leastDemandOf', () => {
  it('is what the pipeline says where it does not depend on the form', () => {
    expect(leastDemandOf({ cpu: 2.5, memoryBytes: 4 * GIB, gpus: 1 }, [])).toEqual({ cpu: 2500, memory: 4096, gpus: 1 });
    expect(leastDemandOf({ cpu: 1, memoryBytes: null, gpus: 0 }, [])).toEqual({ cpu: 1000, memory: 0, gpus: 0 });
  });

  it.each<[string, object, Partial<Exclude<Need, number>>, number]>([
    ['the lowest number that may be entered', { min: 2, default: 8 }, { times: 3, plus: 1 }, 7],
    ['0 for an optional number that is left empty', { min: 2, required: false }, { times: 3, plus: 1 }, 1],
    ['its bound where any number may be entered', {}, { least: 4 }, 4],
    ['its bound above the lowest number', { min: 1 }, { least: 2 }, 2],
  ])('is %s', (_what, field, need, cores) => {
    expect(leastDemandOf({ cpu: byField(need), memoryBytes: null, gpus: 0 }, [number(field)]).cpu).toBe(cores * 1000);
  });
});
