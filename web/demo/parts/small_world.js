// A made-up world in short sentences, to learn from in seconds: who does what, where, with what. Nothing in it says that
// a queen is to a king what a woman is to a man; only the company that the words keep does.

/** @type {{ he: string, she: string, verbs: string[], places: string[], things: string[] }[]} */
const ROLES = [
  ['man', 'woman', 'walks works laughs sings', 'village street', 'coat bread'],
  ['boy', 'girl', 'plays laughs learns runs', 'school garden', 'ball kite'],
  ['king', 'queen', 'rules reigns commands rides', 'palace throne', 'crown sword'],
  ['prince', 'princess', 'rides dances learns rules', 'palace castle', 'crown horse'],
  ['father', 'mother', 'works cooks worries laughs', 'house kitchen', 'child bread'],
  ['uncle', 'aunt', 'visits cooks laughs travels', 'house train', 'gift suitcase'],
  ['actor', 'actress', 'sings dances rehearses travels', 'theatre stage', 'mask song'],
].map(([he, she, ...lists]) => {
  const [verbs, places, things] = lists.map((list) => list.split(' '));
  return { he, she, verbs, places, things };
});

/** The pairs of words that the picture joins by lines. */
export const PAIRS = ROLES.map(({ he, she }) => [he, she]);

/**
 * @param {number} many sentences
 * @param {number} [seed]
 * @returns {string[]} the same for the same seed
 */
export function smallWorld(many, seed = 1) {
  let state = seed;
  /** @type {<T>(list: readonly T[]) => T} */
  const pick = (list) => {
    state = (state * 48271) % 2147483647;
    return list[Math.floor((state / 2147483647) * list.length)];
  };
  return Array.from({ length: many }, () => {
    const role = pick(ROLES);
    const female = pick([false, true]);
    const [who, they, their] = female ? [role.she, 'she', 'her'] : [role.he, 'he', 'his'];
    const [verb, place, thing] = [pick(role.verbs), pick(role.places), pick(role.things)];
    return pick([
      `the ${who} ${verb} in the ${place} and ${they} holds ${their} ${thing}`,
      `${they} is the ${who} of the ${place} with ${their} ${thing}`,
      `the ${who} ${verb} and ${they} loves ${their} ${thing}`,
      `in the ${place} ${they} ${verb} as the ${who}`,
    ]);
  });
}
