// Small texts that the recipes of wembed/train learn from.
export const TEXTS = [
  'umbrella weather',
  'water falls',
  'pet whiskers',
  'a cat purrs',
  'oven flour',
  'bread is baked',
  'soup',
];
/** Each text with the next. */
export const PAIRS = /** @type {[string, string][]} */ (TEXTS.slice(1).map((text, i) => [TEXTS[i], text]));
/** A label for each text. */
export const LABELS = ['sky', 'sky', 'cat', 'cat', 'food', 'food', 'food'];
/** Sentences of two kinds, in turn. */
export const SENTENCES = Array.from(
  { length: 60 },
  (_, i) => `the ${['king', 'cat'][i % 2]} ${['rules', 'sleeps'][i % 2]} now`,
);
