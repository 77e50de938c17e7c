// Before any test: refuses a core that was not compiled from the present sources of cpp/.
import { buildWasm, isFresh } from '../../tools/build.mjs';
import { Failure, which } from '../../tools/run.mjs';

export default function fresh() {
  if (isFresh()) return;
  if (!which('emcc')) throw new Failure('dist/wasm was not built from the present cpp/. Run `npm run build`.');
  buildWasm();
}
