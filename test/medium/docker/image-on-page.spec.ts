import { ShowStage } from '../show/show-stage';

const ID = `sha256:${'ab'.repeat(32)}`;
const DIGEST = `sha256:${'cd'.repeat(32)}`;

describe('image of a run on its page', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  it.each([
    ['the digest of a registry', { image: 'lab/seg:3', imageId: ID, digest: DIGEST }, DIGEST],
    ['the id of an image that was built here', { image: 'lab/seg:3', imageId: ID, digest: null }, ID],
  ])('is named exactly, by %s', async (_what, record, shown) => {
    const run = await stage.running({ engine: 'docker' });
    expect(await stage.page(run.id)).not.toContain('<dt>Image</dt>');
    await stage.writeControl(run.id, '1/container.json', '{"image":');
    expect(await stage.page(run.id)).not.toContain('<dt>Image</dt>');
    await stage.writeControl(run.id, '1/container.json', JSON.stringify(record));
    expect(await stage.page(run.id)).toMatch(new RegExp(`<dt>Image</dt>\\s*<dd>lab/seg:3 <span class="meta">${shown}</span></dd>`));
  });

  it('is not asked for where there is no container', async () => {
    const run = await stage.running();
    await stage.writeControl(run.id, '1/container.json', JSON.stringify({ image: 'x', imageId: ID }));
    expect(await stage.page(run.id)).not.toContain('<dt>Image</dt>');
  });
});
