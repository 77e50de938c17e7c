// Builds and tests this checkout with the newest Emscripten and Node that Debian has, in a Debian unstable of its own:
// `node tests/environments/newest_emscripten.mjs [steps]`, as root on Linux, with debootstrap; steps as `npm test` takes them,
// default `js cpp`. It downloads about 1 GB and needs 5 GB. The Debian, in the folder that `WEMBED_DEBIAN` names or the system's
// temporary folder, is kept for the next run. No part of `npm test`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure, ROOT, main, run, which } from '../../tools/run.mjs';
import { REFERENCE } from './program.mjs';
import { command } from './project.mjs';

/** For the build; the C++ tests' step installs what it needs itself. */
const PACKAGES = ['emscripten', 'nodejs', 'cmake', 'ninja-build', 'ca-certificates', 'git'];

/** @param {string} folder */
function requireTools(folder) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Failure(`A Debian is made in ${folder}, which needs root on Linux. Nothing has been changed.`);
  }
  if (!which('debootstrap')) throw new Failure('debootstrap is missing: apt-get install debootstrap');
}

/**
 * Runs a shell command in the Debian of a folder. What is mounted for it vanishes with it.
 * @param {string} folder
 * @param {string} command
 */
function inside(folder, command) {
  const mounts = ['proc', 'dev', 'sys'].map((name) => `mount --rbind /${name} '${folder}/${name}'`).join(' && ');
  const variables =
    'env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive CI=1';
  const quoted = command.replaceAll("'", `'\\''`);
  run('unshare', ['--mount', 'sh', '-c', `${mounts} && exec ${variables} chroot '${folder}' sh -c '${quoted}'`]);
}

/** @param {string} folder */
function makeDebian(folder) {
  if (!existsSync(join(folder, 'usr/bin/apt-get'))) {
    console.log(`Making a Debian unstable in ${folder}`);
    run('debootstrap', ['--variant=minbase', 'unstable', folder], { quiet: true });
  }
  console.log(`Installing ${PACKAGES.join(', ')} in it`);
  // A mirror of unstable that lags has lists that are out of date; they are signed all the same.
  writeFileSync(join(folder, 'etc/apt/apt.conf.d/99lag'), 'Acquire::Check-Valid-Until "false";\n');
  inside(folder, 'apt-get update -q -q');
  inside(folder, `apt-get install -q -q --yes --no-install-recommends ${PACKAGES.join(' ')} > /install.log 2>&1`);
}

/**
 * The project's files as they are now, and the npm packages. What was compiled before is kept.
 * @param {string} folder
 */
function copyCheckout(folder) {
  const copy = join(folder, 'wembed');
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(copy)) {
    if (name !== 'build') rmSync(join(copy, name), { recursive: true, force: true });
  }
  const files = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  }).stdout;
  const list = Buffer.concat([files, Buffer.from('node_modules\0')]);
  const packed = spawnSync(
    'sh',
    ['-c', `tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory='${copy}'`],
    {
      ...{ cwd: ROOT, input: list, encoding: 'utf8' },
    },
  );
  if (packed.status !== 0) throw new Failure(`The checkout was not copied: ${packed.stderr}`);
}

/**
 * That what was built finds the four numbers of every row, over both variants.
 * @param {string} folder
 */
function compareNumbers(folder) {
  const expected = command([process.execPath, '--input-type=module', '-e', REFERENCE], ROOT).trim();
  for (const variant of ['simd128', 'scalar']) {
    const choice = `import { configure } from './web/index.js'; configure({ variant: '${variant}' });`;
    writeFileSync(join(folder, 'wembed/numbers.mjs'), choice + REFERENCE);
    inside(
      folder,
      `cd /wembed && found=$(node numbers.mjs) && echo "${variant}: $found" && test "$found" = '${expected}'`,
    );
  }
}

main(() => {
  const folder = resolve(process.env.WEMBED_DEBIAN ?? join(tmpdir(), 'wembed-debian-unstable'));
  const steps = process.argv.slice(2).map((name) => `'${name}'`);
  requireTools(folder);
  makeDebian(folder);
  copyCheckout(folder);
  inside(folder, 'emcc --version | head -n 1; node --version');
  inside(folder, 'cd /wembed && node tools/build.mjs');
  inside(folder, 'wc -c /wembed/dist/wasm/core.js; ls -l /wembed/dist/assets');
  compareNumbers(folder);
  inside(folder, `cd /wembed && node tools/test.mjs ${steps.join(' ') || 'js cpp'}`);
  console.log('\nThe newest Emscripten builds it, and the tests pass.');
});
