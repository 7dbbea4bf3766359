/** The files of the knowledge folder: what was read of them, and what could not be. */

import { h, replace, table } from "./dom.js";
import { Section } from "./section.js";

/** Milliseconds between two looks while files wait to be read. */
const EVERY = 2_000;

/**
 * @typedef {object} KnowledgeFile
 * @property {string} name
 * @property {number} size bytes.
 * @property {string} modified
 * @property {number} chunks
 * @property {"indexed" | "waiting" | "failed"} state
 * @property {string | null} problem
 */

/** The section "Knowledge". */
export class KnowledgeSection extends Section {
  #folder = h("p");
  #table = h("div");
  /** @type {number | undefined} */
  #timer;

  /** @param {import("./section.js").Page} page */
  constructor(page) {
    super(page, "knowledge");
    const rescan = async () => {
      await this.attempt(() => this.page.api.call("knowledge/rescan"), this.text("rescanned"));
      await this.refresh();
    };
    this.body.append(
      h("p", { class: "help" }, this.text("knowledge_help")),
      this.#folder,
      h("div", { class: "buttons" }, h("button", { onclick: rescan }, this.text("rescan"))),
      this.#table,
    );
  }

  /** @override */
  hide() {
    window.clearTimeout(this.#timer);
    super.hide();
  }

  /** @override */
  async load() {
    const { folder, error, files } = await this.page.api.call("knowledge/list");
    this.#folder.replaceChildren(this.text("folder"), " ", h("code", {}, folder));
    const columns = ["file", "file_state", "size", "chunks", "modified"];
    replace(
      this.#table,
      error && h("p", { class: "problem" }, error),
      files.length === 0
        ? h("p", { class: "empty" }, this.text("no_files"))
        : table(
            this.text("knowledge_caption"),
            columns.map((key) => this.text(key)),
            files.map((/** @type {KnowledgeFile} */ file) => this.#row(file)),
          ),
    );
    window.clearTimeout(this.#timer);
    if (files.some((/** @type {KnowledgeFile} */ file) => file.state === "waiting")) {
      this.#timer = window.setTimeout(() => this.element.isConnected && this.refresh(), EVERY);
    }
  }

  /**
   * @param {KnowledgeFile} file
   * @returns {HTMLElement}
   */
  #row({ name, size, modified, chunks, state, problem }) {
    const { words } = this.page;
    const look = { indexed: "ok", failed: "not_ok" }[/** @type {string} */ (state)] ?? "unknown";
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h(
        "td",
        {},
        h("span", { class: `state ${look}` }, words.textOr(`file_${state}`, state)),
        problem && h("span", { class: "problem" }, problem),
      ),
      h("td", { class: "number" }, words.size(size)),
      h("td", { class: "number" }, words.number(chunks)),
      h("td", {}, words.time(modified)),
    );
  }
}
