import { BlockList, isIPv4 } from 'node:net';
import type { Request, RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { HttpProblem, refuseUnless } from '../http/errors.ts';
import type { Operators, Role } from './operators.ts';

/** Let only OPS_NETWORKS in, and nobody where there are no operators: the rest pass by the door. */
export function hidden(config: AppConfig, operators: Operators): RequestHandler {
  return ({ ip = '' }, _res, next) => {
    const networks = config.get('OPS_NETWORKS');
    const isOpen = operators.exist() && (networks.length === 0 || isIn(networks, ip));
    next(isOpen ? undefined : 'router');
  };
}

function isIn(networks: readonly string[], ip: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list.check(ip, familyOf(ip));
}

// An IPv4 client that a socket of both families shows as ::ffff:a.b.c.d is found all the same.
function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** Whether the client would rather have a page than JSON. */
export function wantsPage(req: Request): boolean {
  return req.accepts(['application/json', 'text/html']) === 'text/html';
}

/** Let operators through; send a browser to the login page, answer 401 to anything else. */
export function loggedIn(operators: Operators): RequestHandler {
  return (req, res, next) => {
    if (operators.current(req) !== undefined) return next();
    const isVisit = wantsPage(req) && (req.method === 'GET' || req.method === 'HEAD');
    if (!isVisit) return next(new HttpProblem(401));
    res.redirect(303, `/ops/login?next=${encodeURIComponent(safeNext(req.originalUrl))}`);
  };
}

/** Where a login may lead: a page of the console, and no address that a browser cannot carry. */
export function safeNext(next: unknown): string {
  const isPage = /^\/ops(?:[/?][\w/.?=&%+-]{0,2000})?$/.test(String(next));
  return isPage ? String(next) : '/ops';
}

/** Let operators of a role through; an admin may do what a viewer may. */
export function allow(operators: Operators, role: Role): RequestHandler {
  return refuseUnless((req) => {
    const own = operators.current(req)?.role;
    return own === role || own === 'admin';
  }, 403);
}
