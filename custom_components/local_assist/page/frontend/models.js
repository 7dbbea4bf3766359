/** The models of each server: what is there, what is loaded; get one, let one go. */

import { confirmed } from "./dialog.js";
import { focusOn, h, keepFocus, replace, table } from "./dom.js";
import { Pulling } from "./pulling.js";
import { Section } from "./section.js";

/** Milliseconds between two looks. */
const EVERY = 10_000;

/** Milliseconds: what a server says of a model that stays until it is unloaded is further away. */
const YEAR = 365 * 24 * 3_600_000;

/**
 * @typedef {object} Model
 * @property {string} name
 * @property {number} size bytes on the disk.
 * @property {string | null} family
 * @property {string | null} parameters e.g. "3.2B".
 * @property {string | null} quantization e.g. "Q4_K_M".
 * @property {string[]} capabilities
 * @property {{size: number, vram: number, context: number | null, expires: string | null} | null}
 *   loaded
 *
 * @typedef {object} Server
 * @property {string} entry_id
 * @property {string} name
 * @property {Model[]} models
 * @property {string | null} [error] why the models are not known.
 */

/** The section "Models". */
export class ModelsSection extends Section {
  /** @type {Map<string, Pulling>} by server: what is typed there outlives each rendering. */
  #pulling = new Map();
  /** @type {Set<string>} the models that something is being done with. */
  #busy = new Set();
  /** @type {Server[]} */
  #servers = [];

  /** @param {import("./section.js").Page} page */
  constructor(page) {
    super(page, "models");
  }

  /** @override */
  async listen() {
    const timer = window.setInterval(() => this.refresh(), EVERY);
    await this.keep(Promise.resolve(async () => window.clearInterval(timer)));
  }

  /** @override */
  async load() {
    ({ servers: this.#servers } = await this.page.api.call("models/list"));
    this.#render();
  }

  #render() {
    // What is typed moves to its new place already while the tables are made.
    keepFocus(this.body, () => this.#renderAll());
  }

  #renderAll() {
    const servers = this.#servers.map((server) => this.#server(server));
    if (servers.length === 0) {
      servers.push(h("p", { class: "empty" }, this.text("no_servers")));
    }
    replace(this.body, ...servers);
  }

  /**
   * @param {Server} server
   * @returns {HTMLElement}
   */
  #server(server) {
    const { entry_id: id, name, models, error } = server;
    if (!this.#pulling.has(id)) {
      this.#pulling.set(id, new Pulling(this, id));
    }
    const columns = ["model", "size", "details", "loaded", "actions"];
    const heading = h("h3", { id: `server-${id}` }, name);
    return h(
      "section",
      { class: "card", "aria-labelledby": heading.id },
      heading,
      error && h("p", { class: "problem" }, error),
      models.length === 0 && !error
        ? h("p", { class: "empty" }, this.text("no_models"))
        : table(
            this.text("models_caption", { server: name }),
            columns.map((key) => this.text(key)),
            models.map((model) => this.#row(id, model)),
          ),
      /** @type {Pulling} */ (this.#pulling.get(id)).element,
    );
  }

  /**
   * @param {string} id of the server.
   * @param {Model} model
   * @returns {HTMLElement}
   */
  #row(id, model) {
    const { words } = this.page;
    const { name, size, family, parameters, quantization, capabilities, loaded } = model;
    const details = [parameters, quantization, family, ...(capabilities ?? [])];
    const busy = this.#busy.has(`${id} ${name}`);
    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick) =>
      h(
        "button",
        {
          disabled: busy,
          "data-focus": `${key}:${id}:${name}`,
          "aria-label": this.text(`${key}_model`, { model: name }),
          onclick,
        },
        this.text(key),
      );
    return h(
      "tr",
      { "aria-busy": busy && "true" },
      h("th", { scope: "row" }, name),
      h("td", { class: "number" }, words.size(size)),
      h("td", {}, details.filter(Boolean).join(" · ")),
      h("td", {}, this.#loaded(loaded)),
      h(
        "td",
        { class: "buttons" },
        loaded
          ? button("unload", () => this.#do("unload", id, name))
          : button("load", () => this.#do("load", id, name)),
        button("delete", () => this.#delete(id, name)),
      ),
    );
  }

  /**
   * @param {Model["loaded"]} loaded
   * @returns {string}
   */
  #loaded(loaded) {
    if (!loaded) {
      return this.text("not_loaded");
    }
    const { words } = this.page;
    const { size, vram, context, expires } = loaded;
    const parts = [
      words.size(size),
      size > 0 && this.text("on_gpu", { percent: words.number((100 * vram) / size) }),
      context && this.text("window", { tokens: words.number(context) }),
      expires && new Date(expires).getTime() - Date.now() < YEAR
        ? this.text("until", { time: words.time(expires) })
        : this.text("stays"),
    ];
    return parts.filter(Boolean).join(" · ");
  }

  /**
   * Have the server do something with a model.
   *
   * @param {"load" | "unload" | "delete"} action
   * @param {string} id of the server.
   * @param {string} model
   * @returns {Promise<boolean>} whether it did.
   */
  async #do(action, id, model) {
    const key = `${id} ${model}`;
    this.#busy.add(key);
    this.page.announce(this.text(`${action}_begun`, { model }));
    this.#render();
    const done = await this.attempt(
      () => this.page.api.call(`models/${action}`, { entry_id: id, model }),
      this.text(`${action}_done`, { model }),
    );
    this.#busy.delete(key);
    await this.refresh();
    // The button may be the other of the two now.
    ["unload", "load", "delete"].some((next) => focusOn(this.body, `${next}:${id}:${model}`));
    return done;
  }

  /**
   * @param {string} id of the server.
   * @param {string} model
   */
  async #delete(id, model) {
    const sure = await confirmed(this.page.root, {
      title: this.text("delete_model_title"),
      text: this.text("delete_model_text", { model }),
      yes: this.text("delete"),
      no: this.text("cancel"),
    });
    if (sure && (await this.#do("delete", id, model))) {
      focusOn(this.body, `pull:${id}`);
    }
  }
}
