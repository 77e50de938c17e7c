// Before any test: a core that was compiled from other sources than those of cpp/ would test nothing.
import { buildWasm, isFresh } from '../../tools/build.mjs';
import { Failure, which } from '../../tools/run.mjs';

export default function fresh() {
  if (isFresh()) return;
  if (!which('emcc')) throw new Failure('dist/wasm was not built from the present cpp/. Run `npm run build`.');
  buildWasm();
}
