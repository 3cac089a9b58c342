import { layOutJson } from './json-preview';

describe('layOutJson', () => {
  it('gives each value a line, short lists one together, and leaves numbers as they are written', () => {
    const source =
      '{"cells":[{"id":1,"at":[1.50,2e400]},{"id":2,"at":[]}],"note":"a, {b}: \\"c\\"","big":12345678901234567890,"__proto__":{"x":1}}';
    const { text, more } = layOutJson(source)!;
    expect(text).toBe(`{
  "cells": [
    {
      "id": 1,
      "at": [1.50, 2e400]
    },
    {
      "id": 2,
      "at": []
    }
  ],
  "note": "a, {b}: \\"c\\"",
  "big": 12345678901234567890,
  "__proto__": { "x": 1 }
}`);
    expect(more).toBe(false);
    expect(JSON.parse(text)).toEqual(JSON.parse(source));
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each(['', '{', "{'a':1}", '[1,]', 'NaN', '<script>'])('is nothing for %j, which is no JSON', (source) =>
    expect(layOutJson(source)).toBeNull(),
  );

  it('does not let deep lists grow into indents', () => {
    const began = performance.now();
    expect(layOutJson(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toBeNull();
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('ends where a page would become too long, and says so', () => {
    const { text, more } = layOutJson(JSON.stringify(Array.from({ length: 20_000 }, (_, id) => ({ id }))))!;
    expect([text.length, more]).toEqual([64 * 1024, true]);
  });
});
