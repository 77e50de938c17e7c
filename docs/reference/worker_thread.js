//# serveWorker
import { serveWorker } from 'wembed/worker-thread';

// The script of a worker of your own; the page calls createWorker({ worker }).
if (globalThis.WorkerGlobalScope) serveWorker({ load: async () => (await import('wembed/mini')).loadMini() });
