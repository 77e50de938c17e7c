// Builds and tests this checkout with the newest Emscripten and Node that Debian has, in a Debian unstable of its own:
// `node tests/environments/newest_emscripten.mjs [folder]`, as root on Linux, with debootstrap. It downloads about 1 GB and
// needs 5 GB; the folder (default: in the system's temporary folder) is kept for the next run. No part of `npm test`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure, ROOT, main, run, which } from '../../tools/run.mjs';

/** `libsimde-dev` and the others are what the C++ tests need. */
const PACKAGES = [
  ...['emscripten', 'nodejs', 'cmake', 'ninja-build', 'ca-certificates', 'git'],
  ...['clang', 'clang-format', 'clang-tidy', 'libgtest-dev', 'libsimde-dev'],
];

/** What stands for success, from the checkout's copy. */
const STEPS = ['node tools/build.mjs', 'node tools/test.mjs js', 'node tools/test.mjs cpp'];

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
  const variables = 'env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive';
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
  inside(folder, 'apt-get -o Acquire::Check-Valid-Until=false update -q -q');
  inside(folder, `apt-get install -q -q --yes --no-install-recommends ${PACKAGES.join(' ')} > /install.log 2>&1`);
}

/**
 * The project's files as they are now, and the npm packages.
 * @param {string} folder
 */
function copyCheckout(folder) {
  const copy = join(folder, 'wembed');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
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

main(() => {
  const folder = resolve(process.argv[2] ?? join(tmpdir(), 'wembed-debian-unstable'));
  requireTools(folder);
  makeDebian(folder);
  copyCheckout(folder);
  inside(folder, 'emcc --version | head -n 1; node --version; clang++ --version | head -n 1');
  for (const step of STEPS) {
    console.log(`\n${step}`);
    inside(folder, `cd /wembed && ${step}`);
  }
  console.log('\nThe newest Emscripten builds it, and its tests pass.');
});
