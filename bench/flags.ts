import { benchPropagation } from './flag-propagation.ts';
import { benchReads } from './flag-reads.ts';

await benchReads();
await benchPropagation();
