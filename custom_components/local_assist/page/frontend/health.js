/** How each part of the assistant is doing. */

import { h, replace, table } from "./dom.js";
import { Section } from "./section.js";

/** Milliseconds between two looks. */
const EVERY = 10_000;

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} kind
 * @property {string | null} address
 * @property {boolean | null} ok
 * @property {string | null} error
 * @property {number | null} latency_ms
 * @property {string | null} last_seen
 * @property {string | null} detail
 */

/** The section "Health". */
export class HealthSection extends Section {
  /** @type {number | undefined} */
  #timer;
  #table = h("div");

  /** @param {import("./section.js").Page} page */
  constructor(page) {
    super(page, "health");
    const look = async () => {
      await this.refresh();
      this.page.announce(this.text("looked"));
    };
    this.body.append(
      h("div", { class: "buttons" }, h("button", { onclick: look }, this.text("refresh"))),
      this.#table,
    );
  }

  /** @override */
  async listen() {
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(() => this.refresh(), EVERY);
    await this.keep(Promise.resolve(async () => window.clearInterval(this.#timer)));
  }

  /** @override */
  async load() {
    const { parts } = await this.page.api.call("health");
    const columns = ["part", "state", "latency", "last_seen", "last_error"];
    replace(
      this.#table,
      table(
        this.text("health_caption"),
        columns.map((key) => this.text(key)),
        parts.map((/** @type {Part} */ part) => this.#row(part)),
      ),
    );
  }

  /**
   * @param {Part} part
   * @returns {HTMLElement}
   */
  #row({ name, kind, address, ok, error, latency_ms: latency, last_seen: seen, detail }) {
    const { words } = this.page;
    const what = words.textOr(`kind_${kind}`, kind);
    // Of these there is one, and its name is that of its file.
    const only = ["memory", "knowledge"].includes(kind);
    const about = [!only && what, address].filter(Boolean).join(" · ");
    const state = ok === null ? "unknown" : ok ? "ok" : "not_ok";
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", {}, only ? what : name), h("span", { class: "help" }, about)),
      h(
        "td",
        {},
        h("span", { class: `state ${state}` }, this.text(state)),
        detail && h("span", { class: "help" }, detail),
      ),
      h("td", { class: "number" }, words.ms(latency)),
      h("td", {}, words.time(seen, "medium")),
      h("td", { class: error ? "problem" : "" }, error ?? "–"),
    );
  }
}
