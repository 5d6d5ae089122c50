import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchRequests } from './requests.ts';
import { benchStart } from './start.ts';

const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
try {
  await benchStart(folder);
  await benchRequests(folder);
} finally {
  rmSync(folder, { recursive: true });
}
