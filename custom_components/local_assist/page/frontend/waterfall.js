/** Where the time of a turn went: a table, with a bar for each row. */

import { h, table } from "./dom.js";

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {number} start_ms from the beginning of the turn.
 * @property {number} end_ms
 */

/**
 * Draw the stages of a turn one below the other, on one scale. The bars are for the eye; the table
 * says the same in numbers.
 *
 * @param {import("./words.js").Words} words
 * @param {Stage[]} stages
 * @param {string} said names the turn in the caption.
 * @returns {HTMLElement | false} nothing for a turn whose times are not known.
 */
export function waterfall(words, stages, said) {
  if (stages.length === 0) {
    return false;
  }
  const total = Math.max(1, ...stages.map((stage) => stage.end_ms));
  const rows = stages.map(({ name, start_ms: start, end_ms: end }) => {
    const bar = h("div", { class: `bar ${barClass(name)}` });
    bar.style.marginInlineStart = `${(100 * start) / total}%`;
    bar.style.inlineSize = `${(100 * (end - start)) / total}%`;
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, words.textOr(`stage_${name}`, name)),
      h("td", { class: "number" }, words.ms(start)),
      h("td", { class: "number" }, words.ms(end - start)),
      h("td", { class: "track", "aria-hidden": "true" }, bar),
    );
  });
  const columns = ["stage", "begins", "takes"].map((key) => words.text(key));
  const drawn = table(words.text("waterfall", { said }), [...columns, false], rows);
  drawn.classList.add("waterfall");
  return drawn;
}

/**
 * Return how long a person waits: from the end of what they say to the first sound of the answer, or
 * to its last word where nothing is spoken.
 *
 * @param {Stage[]} stages
 * @returns {number | undefined} milliseconds; undefined if it is not known.
 */
export function untilAnswer(stages) {
  const ends = new Map(stages.map(({ name, end_ms: end }) => [name, end]));
  const answer = ends.get("first_sound") ?? ends.get("reply");
  return answer === undefined ? undefined : answer - (ends.get("listening") ?? 0);
}

/**
 * Return the class that colours a stage: the house's own work, the model's, and speech differ.
 *
 * @param {string} name
 * @returns {string}
 */
function barClass(name) {
  if (["listening", "transcript", "first_sound"].includes(name)) {
    return "speech";
  }
  return ["first_token", "reply"].includes(name) ? "model" : "house";
}
