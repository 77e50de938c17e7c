/** The command was not given as it is to be given: exit code 2. */
export class UsageError extends Error {}
