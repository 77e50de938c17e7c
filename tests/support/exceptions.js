// The present exceptions from the rules of house.test.js and types.test.js.

/** By rule. These lists only become shorter. @type {Record<string, string[]>} */
export const EXCEPTIONS = {
  bytes: ['RotaryPositions'],
};

/**
 * Fails for what breaks a rule and is no exception, and for exceptions that are not needed.
 * @param {string} rule
 * @param {string[] | Map<string, string>} found what breaks it; a map adds what the message says of each
 */
export function expectNone(rule, found) {
  const details = found instanceof Map ? found : new Map(found.map((each) => [each, '']));
  const listed = EXCEPTIONS[rule] ?? [];
  const unlisted = [...details].filter(([each]) => !listed.includes(each));
  expect({
    'breaks the rule': unlisted.map(([each, detail]) => (detail ? `${each}: ${detail}` : each)),
    'no longer an exception, delete it': listed.filter((each) => !details.has(each)),
  }).toEqual({ 'breaks the rule': [], 'no longer an exception, delete it': [] });
}
