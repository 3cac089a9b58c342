import { quoteWord } from '../../../common/pipelines/shell-words';
import type { Operation } from './open-api';

/** What stands for a name in examples. */
const SAMPLES: Record<string, string> = {
  project: '3f0c9a52-6a1e-4a57-9d0b-0f6d2f1f7c11',
  run: '12',
  pipeline: 'nuclei',
  path: 'table.csv',
  upload: '0b1d7c3e-52b4-4c0a-8a8e-1d2f3a4b5c6d',
  token: '7a1f0c9e-2b34-4d5e-8f60-718293a4b5c6',
  person: '5d2c1b0a-9f8e-4d7c-8b6a-504132231405',
  sweep: '9c8b7a60-5f4e-8d3c-8b2a-190807060504',
};

/** A request as somebody types it, an option a line. */
export function curlOf({
  address,
  path,
  method,
  operation,
}: {
  address: string;
  path: string;
  method: string;
  operation: Operation;
}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => SAMPLES[name] ?? name);
  const json = operation.requestBody?.content['application/json'];
  const verb = method === 'get' ? 'curl' : method === 'head' ? 'curl --head' : `curl -X ${method.toUpperCase()}`;
  const options = [
    // The shell fills in the token, so that it stands in no history.
    ...(operation.security.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(json ? [`-H ${quoteWord('Content-Type: application/json')}`, `-d ${quoteWord(JSON.stringify(json.example ?? {}))}`] : []),
    quoteWord(`${address}${filled}${queryOf(operation)}`),
  ];
  return `${verb} ${options.join(' \\\n  ')}`;
}

function queryOf({ parameters }: Operation): string {
  const samples = parameters.flatMap((parameter): [string, string][] =>
    parameter.in === 'query' && parameter.example !== undefined ? [[parameter.name, parameter.example]] : [],
  );
  return samples.length === 0 ? '' : `?${new URLSearchParams(samples).toString()}`;
}
