import { CratePlaces } from './crate-places';

const SETTINGS = { PIPELINES_DIR: '/srv/pipelines', INBOX_DIR: undefined, OUTBOX_DIR: undefined };
const places = new CratePlaces({ filesRoot: '/srv/files', runsRoot: '/srv/runs', settings: SETTINGS } as never);
const hide = places.hider({ id: 'p', homeId: 'o' }, { id: 7 });

describe('what a crate says of places', () => {
  it.each([
    ['/srv/files/o/p/runs/7/a.tif', 'results/a.tif'],
    ['/srv/files/o/p/b.tif', 'project/b.tif'],
    ['--out=/srv/files/o/p/runs/7', '--out=results'],
    ['/srv/pipelines/nuclei/run.sh', 'pipelines/nuclei/run.sh'],
    ['/opt/secret/tool', '…/tool'],
    ['/srv/pipelines-ref/x', '…/x'],
  ])('names %s as %s', (text, said) => expect(hide(text)).toBe(said));

  it.each(['**/masks/*.tif', '{outputFolder}/masks/cells.csv', 'red / green / blue', 'https://lab.test/a/b', 'deep/folder/x.csv'])(
    'leaves %s alone, which is no path',
    (text) => expect(hide(text)).toBe(text),
  );
});
