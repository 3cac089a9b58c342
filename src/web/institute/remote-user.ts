import { BlockList, isIPv6 } from 'node:net';
import { Logger } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { firstName, type InstitutePerson, isSubject, oneAddress } from './institute-person';

/** The one proxy, or the several that mean the same people, that is set up. */
export const PROXY_ISSUER = 'proxy';
/** What Apache writes for a variable that is not there. */
const NOTHING = '(null)';
/** Somebody who tries fills no log. */
const TELL_EVERY_MS = 60_000;

/**
 * Reads who somebody is from the headers of a proxy that logs people in, where the connection itself comes from one that is listed; what
 * other headers say of the way does not count. The headers are taken out of every request, so that nothing behind this believes them.
 */
export function readRemoteUser(config: AppConfig): RequestHandler {
  const { REMOTE_USER_HEADER, REMOTE_USER_PROXIES } = config.settings;
  if (REMOTE_USER_HEADER === undefined) return (_request, _response, next) => next();
  const logger = new Logger('RemoteUser');
  const proxies = listOf(REMOTE_USER_PROXIES);
  let toldMs = 0;
  return (request: Request, _response: Response, next: NextFunction) => {
    const isListed = isAmong(proxies, request.socket.remoteAddress);
    const said = request.headers[REMOTE_USER_HEADER] !== undefined;
    const person = isListed ? personIn(request, config) : null;
    if (said && !person && toldMs < Date.now() - TELL_EVERY_MS) {
      toldMs = Date.now();
      const why = isListed ? 'was sent twice, or names nobody' : 'comes from an address that is not in REMOTE_USER_PROXIES';
      logger.warn(`${REMOTE_USER_HEADER} of ${request.socket.remoteAddress} is ignored: it ${why}`);
    }
    if (person) request.remoteUser = person;
    for (const name of headersOf(config)) delete request.headers[name];
    next();
  };
}

/** Whoever the proxy says is there now has to be the one whose session it is. */
export function keepToRemoteUser(request: Request, _response: Response, next: NextFunction): void {
  const by = (request.session as Request['session'] | undefined)?.by;
  if (by?.source === 'proxy' && request.remoteUser && request.remoteUser.subject !== by.subject) delete request.user;
  next();
}

function headersOf({ settings }: AppConfig): string[] {
  const { REMOTE_USER_HEADER, REMOTE_USER_NAME_HEADER, REMOTE_USER_EMAIL_HEADER, REMOTE_USER_GROUPS_HEADER } = settings;
  return [REMOTE_USER_HEADER, REMOTE_USER_NAME_HEADER, REMOTE_USER_EMAIL_HEADER, REMOTE_USER_GROUPS_HEADER].filter(
    (name) => name !== undefined,
  );
}

function personIn(request: Request, { settings }: AppConfig): InstitutePerson | null {
  const { REMOTE_USER_HEADER, REMOTE_USER_NAME_HEADER, REMOTE_USER_EMAIL_HEADER, REMOTE_USER_GROUPS_HEADER } = settings;
  const read = (name: string | undefined) => (name === undefined ? '' : textOf(request, name));
  const [subject, name, email, groups] = [
    read(REMOTE_USER_HEADER),
    read(REMOTE_USER_NAME_HEADER),
    read(REMOTE_USER_EMAIL_HEADER),
    read(REMOTE_USER_GROUPS_HEADER),
  ];
  // A proxy that adds its header to that of a browser, rather than to replace it, cannot be believed.
  if (subject === null || name === null || email === null || groups === null || !isSubject(subject) || /[\s,;]/.test(subject)) return null;
  return {
    source: 'proxy',
    issuer: PROXY_ISSUER,
    subject,
    name: subject,
    displayName: firstName(name, subject),
    email: oneAddress(email),
    groups: groups
      .split(';')
      .map((group) => group.trim())
      .filter(Boolean),
  };
}

/** @returns '' for a header that is not there; null for one that came twice, or with bytes that are no text. */
function textOf(request: Request, name: string): string | null {
  const values = request.headersDistinct[name] ?? [];
  if (values.length > 1) return null;
  const bytes = Buffer.from(values[0] ?? '', 'latin1');
  const text = bytes.toString('utf8').trim();
  if (text === NOTHING) return '';
  return text.includes('\uFFFD') ? null : text;
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** @param address of the other end of the connection; one of IPv4 may come over a socket of IPv6. */
function isAmong(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
