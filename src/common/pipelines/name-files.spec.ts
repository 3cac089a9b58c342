import { columnsIn, namesIn } from './name-files';

describe('names of columns', () => {
  it.each([
    ['id,area,"Leiden, 1"\n1,2,3', ['id', 'area', 'Leiden, 1']],
    ['id\tarea\r\n1\t2', ['id', 'area']],
    ['id;x, y;id\n', ['id', 'x, y']],
    ['5" disk,"open\n1,2', ['5" disk', '"open']],
    [' id , ,b', ['id', 'b']],
    ['\u{feff}id,area', ['id', 'area']],
    ['', []],
  ])('of %j', (content, names) => expect(columnsIn(content)).toEqual(names));
});

describe('names in a list', () => {
  it('stand one a line, each once', () => expect([...namesIn('\u{feff}CD3\r\n CD8 \n\nCD3,X\nCD3')]).toEqual(['CD3', 'CD8', 'CD3,X']));
});
