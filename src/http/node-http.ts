/**
 * `node:http` as CommonJS sees it. Importing it as a module reads all its exports, one of which
 * loads a WebSocket client: 15 ms of every start.
 */
export const { createServer, IncomingMessage, ServerResponse, STATUS_CODES } =
  process.getBuiltinModule('node:http');
