import { startLater } from './start_later.js';

startLater(() => import('./size_work.js'));
