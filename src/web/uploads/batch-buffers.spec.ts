import { BATCH_BYTES, BatchBuffers } from './batch-buffers';

describe('buffers of bodies', () => {
  it('are used again, each by one body at a time', () => {
    const buffers = new BatchBuffers();
    const [first, second] = [buffers.take(BATCH_BYTES * 5), buffers.take(BATCH_BYTES)];
    expect(first).not.toBe(second);
    buffers.giveBack(first);
    expect(buffers.take(BATCH_BYTES * 9)).toBe(first);
    expect(buffers.take(BATCH_BYTES)).not.toBe(first);
  });

  it('are as small as a small body, and those are not kept', () => {
    const buffers = new BatchBuffers();
    const small = buffers.take(100_000);
    expect(small.length).toBe(100_000);
    expect(buffers.take(10).length).toBe(64 * 1024);
    buffers.giveBack(small);
    expect(buffers.take(BATCH_BYTES).length).toBe(BATCH_BYTES);
  });

  it('are kept for a few bodies only', () => {
    const buffers = new BatchBuffers();
    const taken = Array.from({ length: 20 }, () => buffers.take(BATCH_BYTES));
    for (const buffer of taken) buffers.giveBack(buffer);
    const again = Array.from({ length: 20 }, () => buffers.take(BATCH_BYTES));
    expect(again.filter((buffer) => taken.includes(buffer))).toHaveLength(8);
  });
});
