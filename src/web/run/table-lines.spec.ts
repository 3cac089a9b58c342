import { pastedRows } from '../../browser/form/pasted-rows';
import type { Manifest } from '../../common/pipelines/manifest';
import { enteredIn } from './submitted-values';
import { tableLines, type RowsText } from './table-lines';
import type { CellView, RowView } from './table.view';

const COLUMNS = ['red', 'crop', 'note'];
const MANIFEST = {
  parameters: [{ name: 'fovs', type: 'table', columns: COLUMNS.map((name) => ({ name, type: 'string' })) }],
} as unknown as Pick<Manifest, 'parameters'>;

function rowOf(index: number, error?: string): RowView {
  const cell = { error: undefined, checked: false, value: '' } as CellView;
  return {
    row: String(index + 1),
    cells: [
      { ...cell, kind: 'line', value: `field ${index}.tif` },
      { ...cell, kind: 'box', checked: index % 2 === 0, error },
      { ...cell, kind: 'lines', value: `a "quoted"\ttab\nand ${index}` },
    ],
  };
}

const rows = (count: number, wrong: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => rowOf(index, wrong.includes(index) ? 'No.' : undefined));
const isText = (line: RowView | RowsText): line is RowsText => 'text' in line;
const shapeOf = (lines: readonly (RowView | RowsText)[]) => lines.map((line) => (isText(line) ? `${line.first}-${line.last}` : line.row));

describe('lines of a table in a form', () => {
  it('are rows where they are few', () => {
    expect(tableLines('fovs', rows(39), 39).some(isText)).toBe(false);
    expect(tableLines('fovs', rows(40), 40).some(isText)).toBe(true);
  });

  it('are a text behind the first ones, but for rows with faults and for empty ones', () => {
    const shape = shapeOf(tableLines('fovs', rows(302, [3, 100]), 300));
    expect(shape.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    expect(shape.slice(20)).toEqual(['21-100', '101', '102-300', '301', '302']);
    // Between two faults that are near each other all rows are there.
    expect(shapeOf(tableLines('fovs', rows(60, [30, 40]), 60)).slice(20)).toHaveLength(40);
  });

  it('come back as the rows that they are, in their order', () => {
    const lines = tableLines('fovs', rows(200, [77]), 200);
    const form: Record<string, string> = {};
    for (const line of lines) {
      if (isText(line)) form[line.name] = line.text.replaceAll('\n', '\r\n');
      else for (const [place, { value }] of line.cells.entries()) form[`p.fovs.${Number(line.row) - 1}.${COLUMNS[place]}`] = value;
    }
    const { fovs } = enteredIn(form, MANIFEST) as unknown as { fovs: Record<string, string[]>[] };
    expect(fovs.map(({ red }) => red)).toEqual(Array.from({ length: 200 }, (_, index) => [`field ${index}.tif`]));
    expect(fovs[150]).toEqual({ red: ['field 150.tif'], crop: ['true'], note: ['a "quoted"\ttab\r\nand 150'] });
    expect(lines.filter(isText).map(({ count, text }) => [count, pastedRows(text).length])).toEqual([
      [57, 57],
      [122, 122],
    ]);
  });

  it('takes lines that somebody adds to a text, before the rows behind it', () => {
    const form = { 'p.fovs.20': 'a\ttrue\tx\r\nb\tfalse\ty\tmore\r\nc', 'p.fovs.21.red': 'last' };
    const { fovs } = enteredIn(form, MANIFEST) as unknown as { fovs: Record<string, string[]>[] };
    expect(fovs.map(({ red }) => red)).toEqual([['a'], ['b'], ['c'], ['last']]);
    expect(fovs[1]).toEqual({ red: ['b'], crop: ['false'], note: ['y'] });
  });
});
