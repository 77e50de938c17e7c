import { startLater } from './start_later.js';

startLater(() => import('./map_work.js'));
