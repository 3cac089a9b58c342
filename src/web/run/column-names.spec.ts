import { columnsIn } from './column-names';

describe('names of columns', () => {
  it.each([
    ['id,area,"Leiden, 1"\n1,2,3', ['id', 'area', 'Leiden, 1']],
    ['id\tarea\r\n1\t2', ['id', 'area']],
    ['id;x, y;id\n', ['id', 'x, y']],
    ['5" disk,"open\n1,2', ['5" disk', '"open']],
    [' id , ,b', ['id', 'b']],
    ['', []],
  ])('of %j', (content, names) => expect(columnsIn(content)).toEqual(names));
});
