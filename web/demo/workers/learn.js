import { startLater } from './start_later.js';

startLater(() => import('./learn_work.js'));
