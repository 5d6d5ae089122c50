import { BlockList, isIPv4 } from 'node:net';
import type { Request, RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Operator, Operators, Role } from './operators.ts';

/** Let only OPS_NETWORKS through, and nobody where there are no operators: the rest finds nothing. */
export function hidden(config: AppConfig, operators: Operators): RequestHandler {
  let networks = readNetworks(config);
  config.onChange(['OPS_NETWORKS'], () => {
    networks = readNetworks(config);
  });
  return (req, _res, next) => {
    const isSeen = operators.exist() && (networks === undefined || contains(networks, req.ip));
    next(isSeen ? undefined : new HttpProblem(404));
  };
}

/** Whether the client would rather have a page than JSON. */
export function wantsPage(req: Request): boolean {
  return req.accepts(['application/json', 'text/html']) === 'text/html';
}

/** Let operators through; send a browser to the login page, answer 401 to anything else. */
export function loggedIn(operators: Operators): RequestHandler {
  return (req, res, next) => {
    if (operators.current(req) !== undefined) return next();
    const isBrowser = wantsPage(req) && (req.method === 'GET' || req.method === 'HEAD');
    if (!isBrowser) return next(new HttpProblem(401));
    res.redirect(303, `/ops/login?next=${encodeURIComponent(req.originalUrl)}`);
  };
}

/** Let operators of a role through; an admin may do what a viewer may. */
export function allow(operators: Operators, role: Role): RequestHandler {
  return (req, _res, next) => {
    const operator = operators.current(req);
    next(operator !== undefined && mayAct(operator, role) ? undefined : new HttpProblem(403));
  };
}

function mayAct(operator: Operator, role: Role): boolean {
  return role === 'viewer' || operator.role === 'admin';
}

function readNetworks(config: AppConfig): BlockList | undefined {
  const listed = config.get('OPS_NETWORKS');
  if (listed.length === 0) return undefined;
  const networks = new BlockList();
  for (const network of listed) {
    const [address = '', prefix] = network.split('/');
    networks.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return networks;
}

function contains(networks: BlockList, ip = ''): boolean {
  // A socket that takes both families shows IPv4 clients as ::ffff:a.b.c.d.
  const address = ip.replace(/^::ffff:(?=\d+\.)/, '');
  return networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
