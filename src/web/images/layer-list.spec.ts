import { isLayerList, readLayerList } from './layer-list';

const HEAD = 'uri,name,clip,transparency,color,default';

describe('tables as EllViewer takes them', () => {
  it('are told by their columns', () => {
    expect(isLayerList(`\ufeff${HEAD}\r\na.png,A,,,,`)).toBe(true);
    expect(isLayerList('"URI", Name,clip,transparency,Color,default,more\n')).toBe(true);
    expect(isLayerList('cell_id,area\n1,2\n')).toBe(false);
    expect(isLayerList('')).toBe(false);
  });

  it('give a layer for each row, its colours and brightness', () => {
    const rows = [
      'red.png,Microtubules,,1.0,#ff0000,visible',
      'b.jpg,,10-200,no,no,yes',
      'c.png,"GORASP2, Golgi",auto,0.5,#00FF00,other',
      'sub/d.png',
    ];
    expect(readLayerList([HEAD, ...rows].join('\n'), 'ellviewer')).toEqual([
      { places: ['ellviewer/red.png', 'ellviewer/images/red.png'], title: 'Microtubules', colour: '#ff0000', clip: 'full', visible: true },
      { places: ['ellviewer/b.jpg', 'ellviewer/images/b.jpg'], title: 'b.jpg', colour: '', clip: [10, 200], visible: false },
      { places: ['ellviewer/c.png', 'ellviewer/images/c.png'], title: 'GORASP2, Golgi', colour: '#00FF00', clip: 'auto', visible: false },
      { places: ['ellviewer/sub/d.png', 'ellviewer/images/sub/d.png'], title: 'd.png', colour: '', clip: 'full', visible: false },
    ]);
  });

  it('lead nowhere else, and have names that are text', () => {
    const rows = ['https://evil.test/a.png,A', '/etc/passwd,B', '../secret.png,C', 'a.png,<img src=x onerror=alert(1)>HLA-A &amp; B'];
    expect(readLayerList([HEAD, ...rows].join('\n'), '').map(({ places, title }) => [places.length, title])).toEqual([
      [0, 'A'],
      [0, 'B'],
      [0, 'C'],
      [2, 'HLA-A & B'],
    ]);
    expect(readLayerList(`${HEAD}\n${'a.png,A\n'.repeat(500)}`, '')).toHaveLength(48);
    expect(readLayerList(`${HEAD}\n"torn`, '')).toEqual([]);
  });
});
