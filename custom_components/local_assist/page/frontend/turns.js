/** The last turns: what was said and answered, and where the time went. */

import { h, replace } from "./dom.js";
import { Section } from "./section.js";
import { untilAnswer, waterfall } from "./waterfall.js";

/**
 * @typedef {object} Turn
 * @property {string} id
 * @property {string} time
 * @property {string | null} agent_name
 * @property {string | null} device_name
 * @property {string | null} said
 * @property {string | null} answered
 * @property {string | null} handled_by
 * @property {string | null} error
 * @property {import("./waterfall.js").Stage[]} stages
 * @property {{entities: unknown[], facts: unknown[], knowledge: unknown[]}} retrieved
 * @property {{name: string, ms: number | null, error: string | null}[]} tools
 * @property {Record<string, number | null>} [tokens]
 * @property {string | null} guard
 */

/** The section "Turns". */
export class TurnsSection extends Section {
  /** @type {Map<string, boolean>} which turns were opened or closed by hand. */
  #open = new Map();
  /** @type {string | undefined} the newest turn that was shown. */
  #newest;

  /** @param {import("./section.js").Page} page */
  constructor(page) {
    super(page, "turns");
  }

  /** @override */
  async listen() {
    await this.keep(this.page.api.listen("turns/subscribe", () => this.refresh()));
  }

  /** @override */
  async load() {
    const { turns } = await this.page.api.call("turns/list");
    replace(
      this.body,
      h("p", { class: "help" }, this.text("turns_help")),
      turns.length === 0 && h("p", { class: "empty" }, this.text("no_turns")),
      ...turns.map((/** @type {Turn} */ turn, /** @type {number} */ nth) =>
        this.#turn(turn, nth === 0),
      ),
    );
    if (this.#newest !== undefined && turns[0] && turns[0].id !== this.#newest) {
      this.page.announce(this.text("new_turn", { said: turns[0].said ?? "" }));
    }
    this.#newest = turns[0]?.id ?? "";
  }

  /**
   * @param {Turn} turn
   * @param {boolean} first the newest is open unless it was closed by hand.
   * @returns {HTMLElement}
   */
  #turn(turn, first) {
    const { words } = this.page;
    const answered = untilAnswer(turn.stages);
    const details = /** @type {HTMLDetailsElement} */ (
      h(
        "details",
        { class: "card turn", open: this.#open.get(turn.id) ?? first },
        h(
          "summary",
          { "data-focus": `turn:${turn.id}` },
          h("h3", { class: "said" }, turn.said || this.text("nothing_said")),
          answered !== undefined &&
            h("span", { class: "total" }, this.text("until_answer", { time: words.ms(answered) })),
          h("span", { class: "help" }, this.#about(turn)),
        ),
        h("p", { class: "answered" }, turn.answered || this.text("no_answer")),
        turn.error && h("p", { class: "problem" }, this.text("error", { error: turn.error })),
        waterfall(words, turn.stages, turn.said ?? ""),
        this.#facts(turn),
      )
    );
    details.addEventListener("toggle", () => this.#open.set(turn.id, details.open));
    return details;
  }

  /**
   * @param {Turn} turn
   * @returns {string}
   */
  #about(turn) {
    const { words } = this.page;
    const by = turn.handled_by;
    const about = [
      words.time(turn.time, "medium"),
      turn.device_name,
      turn.agent_name,
      by && this.text("handled_by", { name: words.textOr(`by_${by}`, by) }),
      turn.error && this.text("went_wrong"),
    ];
    return about.filter(Boolean).join(" · ");
  }

  /**
   * Return what something is called that was found for a turn: an entity by its name, too.
   *
   * @param {any} item a text, an entity id, or {text} or {name}.
   * @returns {string}
   */
  #named(item) {
    if (typeof item !== "string") {
      return item?.text ?? item?.name ?? JSON.stringify(item);
    }
    const name = this.page.hass.states[item]?.attributes.friendly_name;
    return name ? `${name} (${item})` : item;
  }

  /**
   * What the sentence was answered with.
   *
   * @param {Turn} turn
   * @returns {HTMLElement}
   */
  #facts({ retrieved, tools, tokens, guard }) {
    const { words } = this.page;
    const list = (/** @type {unknown[]} */ items) =>
      h("ul", {}, ...items.map((item) => h("li", {}, this.#named(item))));
    const used = tools.map(({ name, ms, error }) =>
      [name, ms !== null && ms !== undefined && words.ms(ms), error].filter(Boolean).join(" · "),
    );
    const counts = Object.entries(tokens ?? {})
      .filter(([, count]) => count !== null && count !== undefined)
      .map(([kind, count]) => `${words.textOr(`tokens_${kind}`, kind)}: ${words.number(count ?? 0)}`);
    /** @type {[string, unknown[]][]} */
    const parts = [
      ["retrieved_entities", retrieved.entities ?? []],
      ["retrieved_facts", retrieved.facts ?? []],
      ["retrieved_knowledge", retrieved.knowledge ?? []],
      ["tools", used],
      ["guard", guard ? [words.textOr(`guard_${guard}`, guard)] : []],
      ["tokens", counts],
    ];
    return h(
      "dl",
      {},
      ...parts
        .filter(([, items]) => items.length)
        .flatMap(([key, items]) => [h("dt", {}, this.text(key)), h("dd", {}, list(items))]),
    );
  }
}
