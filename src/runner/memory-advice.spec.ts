import type { Manifest } from '../common/pipelines/manifest';
import { memoryAdvice } from './memory-advice';

const width = { name: 'width', label: 'Width of a tile', type: 'integer', required: true };

function advice(memoryBytes: Manifest['needs']['memoryBytes'], kind = 'process'): string {
  const needs = { cpu: 1, memoryBytes, gpus: 0 };
  return memoryAdvice({ title: 'Segment cells', needs, parameters: [width], runtime: { kind } } as unknown as Manifest);
}

describe('memoryAdvice', () => {
  it('names the field of the form from which the memory follows', () => {
    expect(advice({ parameter: 'width', times: 1e6, plus: 0, least: 0 })).toContain('“Width of a tile”');
    expect(advice({ parameter: 'width', times: 1e6, plus: 0, least: 0 })).toContain('needs.memory');
  });

  it.each([
    ['a fixed amount', 2e9, 'process', ['needs.memory', '“Segment cells”'], ['MEMORY_LIMIT', 'field']],
    ['nothing said', null, 'process', ['needs.memory', 'MEMORY_LIMIT'], ['field', 'compose']],
    ['nothing said, in a container', null, 'docker', ['needs.memory', 'MEMORY_LIMIT'], ['field', 'compose']],
    ['nothing said but by a compose file', null, 'compose', ['needs.memory', 'compose file'], ['field']],
    ['nothing said, in a cluster', null, 'slurm', ['needs.memory', 'cluster'], ['field', 'MEMORY_LIMIT']],
  ])('names what the administrator can change: %s', (_what, memory, kind, said, unsaid) => {
    const sentence = advice(memory, kind);
    for (const word of said) expect(sentence).toContain(word);
    for (const word of unsaid) expect(sentence).not.toContain(word);
  });
});
