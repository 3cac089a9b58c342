import { readPythonSettings } from './python-settings';

const read = (source: string, environment: Record<string, string> = {}) => Object.fromEntries(readPythonSettings(source, environment));

describe('readPythonSettings', () => {
  it('reads what is written plainly', () => {
    const source = `
"""A docstring."""
import os
ALLOW_GUESTS = True  # everybody
DEBUG=False
NONE = None
SHOW_IMAGE_SIZE = 1_024
GUEST_MAX_SIZE = 2 * 1024
DEMO_USERLIST = [
    'ada',   # one
    "b\\"en",
]
PAIR = ('a', 'b')
ONE = ('a')
JOINED = 'one ' 'two'
RAW = r'\\d+'
`;
    expect(read(source)).toEqual({
      ALLOW_GUESTS: true,
      DEBUG: false,
      NONE: null,
      SHOW_IMAGE_SIZE: 1024,
      GUEST_MAX_SIZE: 2048,
      DEMO_USERLIST: ['ada', 'b"en'],
      PAIR: ['a', 'b'],
      ONE: 'a',
      JOINED: 'one two',
      RAW: '\\d+',
    });
  });

  it('follows names, the environment and paths', () => {
    const source = `
FILES_ROOT = os.environ['PIPEX_FILES_ROOT']
BASE_DIRECTORY = os.path.join(FILES_ROOT, "projects")
RUN_DIRECTORY = FILES_ROOT + '/pyshowwwcase/'
ARGS_FILE = Path(RUN_DIRECTORY) / 'args.txt'
PORT = os.environ.get('PORT', '8000')
HOST = os.getenv("HOST", 'x')
`;
    expect(read(source, { PIPEX_FILES_ROOT: '/data/', HOST: 'lab' })).toEqual({
      FILES_ROOT: '/data/',
      BASE_DIRECTORY: '/data/projects',
      RUN_DIRECTORY: '/data//pyshowwwcase/',
      ARGS_FILE: '/data//pyshowwwcase/args.txt',
      PORT: '8000',
      HOST: 'lab',
    });
  });

  it('says nothing of what it does not understand, and the last word counts', () => {
    const source = `
A = f"{B}/c"
C = compute('x')
D = [x for x in y]
E = ['open',
F = 'one'
F = unknown
G == 'no assignment'
    H = 'indented'
`;
    expect(read(source)).toEqual({});
  });
});
