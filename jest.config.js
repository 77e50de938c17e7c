export default {
  // The sources are ES modules as they are: nothing to transform.
  transform: {},
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.js'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  testTimeout: 60_000,
};
