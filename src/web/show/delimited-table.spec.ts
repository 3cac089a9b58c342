import { previewTable, TABLE_ROWS } from './delimited-table';

const table = (text: string, { whole = true, tabs = false } = {}) => previewTable(text, whole, tabs);
const names = (text: string) => table(text)?.columns.map((column) => column.name);

describe('previewTable', () => {
  it('reads names, rows and which columns are numbers', () => {
    expect(table('label,area,note\n1,20.5,ok\n2,1e3,\n3,nan,"a,b ""c"""\n')).toEqual({
      columns: [
        { name: 'label', numeric: true },
        { name: 'area', numeric: true },
        { name: 'note', numeric: false },
      ],
      rows: [
        ['1', '20.5', 'ok'],
        ['2', '1e3', ''],
        ['3', 'nan', 'a,b "c"'],
      ],
      columnCount: 3,
      hasHead: true,
      more: false,
      openQuoteLine: null,
    });
  });

  it.each([
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['old Mac line ends', 'a,b\r1,2\r'],
    ['tabs', 'a\tb\n1\t2\n'],
    ['semicolons and decimal commas', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['a bar', 'a|b\n1|2\n'],
    ['a mark at the front', '\u{feff}a,b\n1,2\n'],
    ['empty lines', '\n\na,b\n\n1,2\n\n'],
    ['commas within quotes', 'a;b\n"x,y,z";2\n"u,v,w";3\n'],
  ])('copes with %s', (_what, text) => expect(names(text)).toEqual(['a', 'b']));

  it('reads rows of which most are characters of several bytes', () => {
    const label = '胰腺组织切片第七号核心区域的多重免疫荧光成像原始数据';
    expect(table(`cell,area,label\n1,3,"${label}"\n2,7,b\n`)).toMatchObject({
      columns: [{ name: 'cell' }, { name: 'area' }, { name: 'label' }],
      rows: [
        ['1', '3', label],
        ['2', '7', 'b'],
      ],
    });
  });

  it('numbers the columns of a file without names', () => {
    expect(table('1,2\n3,4\n')).toMatchObject({ hasHead: false, columns: [{ name: '1' }, { name: '2' }], rows: [{}, {}] });
  });

  it('fills up ragged rows and counts the widest', () => {
    expect(table('a,b\n1\n1,2,3\n')).toMatchObject({
      columnCount: 3,
      rows: [
        ['1', '', ''],
        ['1', '2', '3'],
      ],
    });
  });

  it('shows the first hundred rows and says that there are more', () => {
    const rows = Array.from({ length: 500 }, (_, index) => `${index},x`);
    const preview = table(['n,x', ...rows].join('\n'));
    expect(preview?.rows).toHaveLength(TABLE_ROWS);
    expect(preview).toMatchObject({ more: true });
    expect(table(['n,x', ...rows.slice(0, TABLE_ROWS)].join('\n'))).toMatchObject({ more: false });
  });

  it('leaves out the line that the bound has cut', () => {
    expect(table('a,b\n1,2\n3,99', { whole: false })).toMatchObject({ rows: [['1', '2']], more: true });
  });

  it.each([
    ['a quote that is never closed', `a,b\n1,"2\n${'3,4\n'.repeat(5000)}`],
    ['stray quotes', 'a,b\n1,2"x"y\n'],
    ['one endless line', 'x'.repeat(400_000)],
    ['a hundred thousand columns', `${'7,'.repeat(100_000)}7\n1,2\n`],
    ['formulas', 'a,b\n=cmd|x,@SUM(1)\n'],
    ['only separators', ',,,\n,,,\n'],
  ])('is not upset by %s', (_what, text) => {
    const preview = table(text, { whole: false });
    expect(preview?.columns.length).toBeLessThanOrEqual(60);
    for (const cell of preview?.rows.flat() ?? []) expect(cell.length).toBeLessThanOrEqual(201);
  });

  it('takes a quote that is never closed for a character', () => {
    expect(table('tube,n\n"5 ml,1\nb,2\nc,3\n')).toMatchObject({
      rows: [
        ['"5 ml', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    });
  });

  it.each([
    ['at the end of the file', 'a,b\n1,"never closed\n2,3\n', 2, 2],
    ['though another quotation mark comes later', 'a,b\n1,2\n2,"never closed\n3,4\n5,"x ""y"" z"\n6,7\n', 3, 5],
    ['with tabs', 'a\tb\r\n1\t2\r\n2\t"open\r\n3\t4\r\n', 3, 3],
  ])('tells the line of a quotation mark that is not closed: %s', (_what, text, openQuoteLine, count) => {
    const preview = table(text);
    expect(preview).toMatchObject({ openQuoteLine });
    expect(preview?.rows).toHaveLength(count);
  });

  it.each([
    ['cells of several lines', 'a,b\n1,"two\nlines, and ""quotes"""\n2,3\n', true],
    ['inches', 'a,b\n5" tube,1\n7" tube,2\n', true],
    ['text behind a closing one', 'a,b\n"x" y,1\n2,3\n', true],
    ['blanks behind a closing one', 'a,b\n1,"two\nlines" \n"3\n" ,4\n', true],
    ['a cell that goes on behind what was read', 'a,b\n1,"two\nlines', false],
  ])('has nothing to tell of %s', (_what, text, whole) => expect(table(text, { whole })).toMatchObject({ openQuoteLine: null }));

  it('leaves out blanks behind a closing quotation mark, and none within', () => {
    expect(table('a,b,c\n1,"two\nlines" ,3\n4,"x"" , y" \t,"6" 7\n')).toMatchObject({
      rows: [
        ['1', 'two\nlines', '3'],
        ['4', 'x" , y', '"6" 7'],
      ],
      openQuoteLine: null,
    });
    expect(table('a\tb\tc\n1\t"x"\t\n', { tabs: true })).toMatchObject({ rows: [['1', 'x', '']] });
  });

  it('has nothing to show of nothing', () => {
    expect(table('')).toBeNull();
    expect(table('\n\n')).toBeNull();
  });

  it('shows a file of one row of names as such', () => expect(table('a,b\n')).toMatchObject({ rows: [], hasHead: true }));
});
