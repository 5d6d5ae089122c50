import { benchStart } from './start.ts';

await benchStart();
