import { fileMenu, filesNamed, menuSize } from './file-menu';
import type { FileChoice } from './input-files';

const file = (group: FileChoice['group'], label: string, run?: number): FileChoice => ({
  reference: `${group}:${label}`,
  name: label.slice(label.lastIndexOf('/') + 1),
  label,
  size: 1,
  group,
  ...(run !== undefined && { run: { number: run, title: 'Blur', finishedMs: null } }),
});
const many = (count: number, group: FileChoice['group'] = 'project', length = 4) =>
  Array.from({ length: count }, (_, index) => file(group, `${String(index).padStart(length, '0')}.tif`));
const SIZE = { files: 100, characters: 10_000 };
const menu = (all: FileChoice[], chosen: string[] = [], typed = '', isComplete = true) =>
  fileMenu(all, chosen, { size: SIZE, typed, isComplete });

describe('the menu of files of a form', () => {
  it('holds all of a few files, and says nothing', () => {
    expect(menu(many(100))).toEqual({ files: many(100), typed: '', sentence: null });
  });

  it('holds the first of many with those that are chosen, and a share for each place', () => {
    const results = [file('results', '3/a.csv', 3), file('results', '12/a.csv', 12)];
    const after = file('after', '**/*.tif');
    const all = [after, ...many(4321), ...results, ...many(60, 'inbox')];
    const { files, sentence } = menu(all, ['project:4000.tif']);
    const counts = Object.fromEntries([...Map.groupBy(files, ({ group }) => group)].map(([group, members]) => [group, members.length]));
    expect(counts).toEqual({ after: 1, project: 50, results: 2, inbox: 49 });
    expect(files.some(({ reference }) => reference === 'project:4000.tif')).toBe(true);
    expect(sentence).toBe(
      '4,321 files of this project, 2 results, 60 in the inbox. 100 of them are listed here; search for the others by their names.',
    );
  });

  it('holds fewer of long names, and at least one', () => {
    expect(menu(many(500, 'project', 240)).files).toHaveLength(39);
    expect(menu(many(2, 'project', 20_000)).files).toHaveLength(1);
  });

  it('says that there are more where not all could be looked through', () => {
    expect(menu(many(3), [], '', false).sentence).toBe('3 files are listed here, and there are more. Search for others by their names.');
  });

  it('finds by words in any letters, what is meant exactly first', () => {
    const all = [file('project', 'old/xa.tif'), file('project', 'a.tif.txt'), file('inbox', 'A.tif'), file('results', '7/a.tif', 7)];
    expect(filesNamed(all, 'a.TIF').map(({ reference }) => reference)).toEqual([
      'inbox:A.tif',
      'results:7/a.tif',
      'project:a.tif.txt',
      'project:old/xa.tif',
    ]);
    expect(filesNamed(all, 'tif old')).toHaveLength(1);
    expect(menu(many(5000), ['project:0001.tif'], '4999').files.map(({ label }) => label)).toEqual(['0001.tif', '4999.tif']);
    expect(menu(many(5000), [], '4999').sentence).toBe('1 file fits “4999”.');
    expect(menu(many(5000), [], '49').sentence).toBe('The first 100 of 199 files that fit “49”. Type more to narrow them down.');
    expect(menu(many(5), [], 'no').sentence).toBe('No file fits “no”.');
  });

  it('is shorter where a form has many', () => {
    const images = (count: number) => ({
      parameters: Array.from({ length: count }, () => ({ type: 'file', accept: [] }) as never),
    });
    expect([0, 1, 4, 20].map((count) => menuSize(images(count)).files)).toEqual([100, 100, 50, 20]);
    expect(menuSize(images(4)).characters).toBe(2500);
  });
});
