// The script of the worker that `createWorker` starts.
import { serveWorker } from './serve.js';

serveWorker();
