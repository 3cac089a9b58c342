import { openCapability, sealCapability, type Capability } from './capability';

const KEY = 'k'.repeat(64);
const capability: Capability = {
  kind: 'site',
  runId: 12,
  reader: { by: 'person', id: '4f2a0c9e-0000-4000-8000-00000000000a' },
  folder: 'analysis/Zellen ä',
  expiresMs: 1_800_000_000_000,
};

describe('a capability', () => {
  const token = sealCapability(KEY, capability);

  it('is one segment of a path, and says what was sealed', () => {
    expect(token).toMatch(/^[\w.-]+$/);
    expect(openCapability(KEY, token, capability.expiresMs - 1)).toEqual(capability);
    const root: Capability = { ...capability, folder: '', reader: { ...capability.reader, by: 'link' } };
    expect(openCapability(KEY, sealCapability(KEY, root), 0)).toEqual(root);
  });

  it('ends at its time', () => {
    expect(openCapability(KEY, token, capability.expiresMs)).toBeNull();
  });

  it('is worth nothing after any change, under another key, and as nonsense', () => {
    for (let at = 0; at < token.length; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(openCapability(KEY, changed, 0)).toBeNull();
    }
    expect(openCapability('x'.repeat(64), token, 0)).toBeNull();
    for (const nonsense of ['', '.', '......', `${token}.`, `${token}A`, token.slice(1), 'site.1.1.x.y.z']) {
      expect(openCapability(KEY, nonsense, 0)).toBeNull();
    }
  });
});
