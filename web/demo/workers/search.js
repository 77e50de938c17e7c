import { startLater } from './start_later.js';

startLater(() => import('./search_work.js'));
