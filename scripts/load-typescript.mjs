// Lets Node load TypeScript, as `--import tsx` does, but not in worker threads: the threads of Temporal's workers load JavaScript alone, and
// to go through tsx takes each of them a quarter of a second.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) await import('tsx');
