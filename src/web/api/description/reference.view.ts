import { STATUS_CODES } from 'node:http';
import { text, type TextKey } from '../../../locales/text';
import { fieldsOf, nameOfRef, typeOf, type Field } from './fields';
import type { OpenApiDocument, Operation, Parameter, ResponseObject } from './open-api';
import { curlOf } from './curl';

/** What `views/help/api.hbs` shows. */
export interface Reference {
  address: string;
  example: string;
  areas: AreaView[];
  objects: { name: string; fields: Field[] }[];
  statuses: { status: number; name: string; meaning: string }[];
}

interface AreaView {
  name: string;
  title: string;
  routes: RouteView[];
}

interface RouteView {
  id: string;
  method: string;
  /** Steps of the path, of which names are marked. */
  path: { step: string; isName: boolean }[];
  summary: string;
  /** Null: no token is needed. */
  scope: string | null;
  asked: Field[];
  body: Field[];
  answers: AnswerView[];
  curl: string;
}

interface AnswerView {
  status: string;
  meaning: string;
  /** `application/json`, or what it is else; null: nothing. */
  type: string | null;
  /** The object of which there is a list of fields. */
  object: string | null;
  fields: Field[];
  headers: { name: string; says: string }[];
}

const STATUSES: Record<number, TextKey> = {
  400: 'api.status400',
  401: 'api.status401',
  403: 'api.status403',
  404: 'api.status404',
  405: 'api.status405',
  409: 'api.status409',
  413: 'api.status413',
  415: 'api.status415',
  422: 'api.status422',
  423: 'api.status423',
  429: 'api.status429',
  500: 'api.status500',
  503: 'api.status503',
  507: 'api.status507',
};

/** @param address of the site, without a slash at its end. */
export function referenceOf(document: OpenApiDocument, address: string): Reference {
  const { paths, tags, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return {
    address,
    example: `curl -H "Authorization: Bearer $TOKEN" '${address}/api/v1'`,
    areas: tags.map(({ name, description }) => ({
      name,
      title: description,
      routes: operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => routeView(path, method, operation, address)),
    })),
    objects: Object.entries(components.schemas).map(([name, schema]) => ({ name, fields: fieldsOf(schema) })),
    statuses: Object.entries(STATUSES).map(([status, key]) => ({
      status: Number(status),
      name: STATUS_CODES[status] ?? '',
      meaning: text(key),
    })),
  };
}

function routeView(path: string, method: string, operation: Operation, address: string): RouteView {
  const { operationId, summary, security, parameters, requestBody, responses } = operation;
  const json = requestBody?.content['application/json'];
  return {
    id: operationId,
    method: method.toUpperCase(),
    path: path
      .split('/')
      .slice(1)
      .map((step) => ({ step, isName: step.startsWith('{') })),
    summary,
    scope: security[0] ? (Object.values(security[0])[0]?.[0] ?? null) : null,
    asked: parameters.map(parameterField),
    body: json ? fieldsOf(json.schema) : [],
    answers: Object.entries(responses).flatMap(([status, response]) =>
      /^\d/.test(status) && !status.endsWith('X') ? [answerView(status, response)] : [],
    ),
    curl: curlOf({ address, path, method, operation }),
  };
}

function parameterField({ name, in: place, required, description = '', schema }: Parameter): Field {
  return { name, type: typeOf(schema), object: null, isNeeded: required, says: description, place: text(PLACES[place]) };
}

const PLACES: Record<Parameter['in'], TextKey> = { path: 'api.inPath', query: 'api.inQuery', header: 'api.inHeader' };

function answerView(status: string, { description, content = {}, headers = {} }: ResponseObject): AnswerView {
  const [[type, { schema }] = [null, { schema: {} }]] = Object.entries(content);
  const object = nameOfRef(schema);
  return {
    status,
    meaning: description,
    type,
    object,
    fields: object === null ? fieldsOf(schema) : [],
    headers: Object.entries(headers).map(([name, header]) => ({ name, says: header.description })),
  };
}
