/** What the post-processors of a tokenizer.json put around a text, and what they do to its offsets. */
import { bad, fieldsOf, flag, idOf, isFields, listOf, notCovered, stepsOf } from './fields.js';

/** Around a text: a few bytes of a file can stand for as many ids as they like. */
export const MOST_IDS = 65536;

/**
 * @typedef {object} Template
 * @property {number[]} before ids
 * @property {number[]} after
 * @property {boolean} trim offsets leave white space out
 * @property {boolean} prefixSpace but for a space that was put before the text
 */

/**
 * @param {unknown} part
 * @returns {Template}
 */
export function templateOf(part) {
  /** @type {Template} */
  const template = { before: [], after: [], trim: false, prefixSpace: false };
  for (const step of stepsOf(part, 'processors')) addStep(template, step);
  template.before.reverse();
  return template;
}

/** @param {Template} template @param {import('./fields.js').Step} step */
function addStep(template, step) {
  const { type } = step;
  if (type === 'TemplateProcessing') addTemplate(template, step);
  else if (type === 'BertProcessing' || type === 'RobertaProcessing') {
    wrap(template, [tokenId(step.cls, `${type}.cls`)], [tokenId(step.sep, `${type}.sep`)]);
  } else if (type !== 'ByteLevel') notCovered(`the post-processor ${type}`);
  if (type === 'ByteLevel' || type === 'RobertaProcessing') {
    template.trim = flag(step, 'trim_offsets', true);
    template.prefixSpace = flag(step, 'add_prefix_space', true);
  }
}

/** @param {unknown} pair a token and its id @param {string} name */
export const tokenId = (pair, name) => idOf(listOf(pair, name)[1], name);

/**
 * The later ones go around the earlier: until all are there, `template.before` is from the text outwards.
 * @param {Template} template
 * @param {number[]} before
 * @param {number[]} after
 */
function wrap(template, before, after) {
  template.before.push(...before.reverse());
  template.after.push(...after);
  if (template.before.length + template.after.length > MOST_IDS) tooMany();
}

const tooMany = () => notCovered(`a template of more than ${MOST_IDS} ids`);

/** @param {Template} template @param {import('./fields.js').Step} step */
function addTemplate(template, step) {
  const special = step.special_tokens ?? {};
  /** @type {number[][]} */
  const sides = [[], []];
  let texts = 0;
  for (const each of listOf(step.single, "a TemplateProcessing's single")) {
    const item = fieldsOf(each, "a template's part");
    if (item.Sequence) texts += 1;
    else sides[Math.min(texts, 1)].push(...idsOf(item, fieldsOf(special, 'special_tokens'), room(sides)));
  }
  if (texts !== 1) notCovered(`a template that holds the text ${texts} times`);
  wrap(template, sides[0], sides[1]);
}

/** How many more ids there may be. @param {number[][]} lists */
export const room = (lists) => lists.reduce((left, { length }) => left - length, MOST_IDS);

/** @param {import('./fields.js').Fields} item @param {import('./fields.js').Fields} special @param {number} most @returns {number[]} */
export function idsOf(item, special, most) {
  const { id } = fieldsOf(item.SpecialToken, "a template's SpecialToken");
  const known = typeof id === 'string' && Object.hasOwn(special, id) ? special[id] : undefined;
  if (!isFields(known)) return bad(`the template's ${JSON.stringify(id)} has no ids`);
  const ids = listOf(known.ids, `the ids of ${id}`);
  if (ids.length > most) tooMany();
  return ids.map((each) => idOf(each, `an id of ${id}`));
}
