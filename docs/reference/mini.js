//# loadMini
import { loadMini } from 'wembed/mini';

const layer = await loadMini();
layer.encode('It is raining').length; //= 256
layer.similarity('It is raining', 'Wet weather') > 0.5; //= true
