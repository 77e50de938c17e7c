// Unpacks SIMDe (headers only) to .cache/simde, for distributions that have none or one without wasm/simd128.h: Ubuntu up
// to 24.04. The file is Debian 12's, from Debian's permanent archive.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, ROOT, main, run } from './run.mjs';

const URL =
  'https://snapshot.debian.org/archive/debian/20250520T000000Z/pool/main/s/simde/libsimde-dev_0.7.4~rc2-2_all.deb';
const SHA256 = '471b66fdc79e0a479c4d11dc85c2b6313df1704b737ea2f7266753335c5d062b';

main(async () => {
  const response = await fetch(URL);
  if (!response.ok) throw new Failure(`${URL} answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== SHA256) throw new Failure(`${URL} has the SHA-256 ${sum}, not ${SHA256}`);

  const folder = join(ROOT, '.cache/simde');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'simde.deb'), bytes);
  run('dpkg-deb', ['-x', join(folder, 'simde.deb'), folder]);
});
