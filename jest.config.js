import { spawnSync } from 'node:child_process';
import vm from 'node:vm';

// Jest runs ES modules only in a Node that was started with a flag. `npx jest` and editors do not know that: start again.
if (!('SourceTextModule' in vm)) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const { status } = spawnSync(process.execPath, [...flags, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

export default {
  // The sources are ES modules as they are: nothing to transform.
  transform: {},
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.js'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  globalSetup: '<rootDir>/tests/support/fresh.js',
  // Slowed pages of the browser tests take longer.
  testTimeout: 60_000 * Number(process.env.WEMBED_SLOWDOWN ?? 1),
};
