/** What the sections of the page have in common. */

import { h } from "./dom.js";

/**
 * What a section may use of the page.
 *
 * @typedef {object} Page
 * @property {import("./api.js").Api} api
 * @property {import("./words.js").Words} words
 * @property {any} hass the newest one.
 * @property {ShadowRoot} root
 * @property {(text: string) => void} announce says a result, to the eye and to a screen reader.
 * @property {(error: any) => void} fail says what went wrong.
 */

/** One section: shown or not, refreshed when what it shows changes. */
export class Section {
  /** @type {(() => Promise<void>)[]} */
  #listening = [];
  #shown = false;

  /**
   * @param {Page} page
   * @param {string} name as in the address, and in the keys of its texts.
   */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.heading = h("h2", { id: `${name}-heading` }, this.text(name));
    this.body = h("div");
    this.element = h(
      "section",
      { "aria-labelledby": this.heading.id, class: name },
      this.heading,
      this.body,
    );
  }

  /**
   * Return a text of the page.
   *
   * @param {string} key
   * @param {Record<string, unknown>} [values]
   * @returns {string}
   */
  text(key, values) {
    return this.page.words.text(key, values);
  }

  /** Be looked at from now on. */
  async show() {
    this.#shown = true;
    await this.refresh();
    await this.attempt(() => this.listen());
  }

  /** Be looked at no longer. */
  hide() {
    this.#shown = false;
    for (const stop of this.#listening.splice(0)) {
      stop().catch(() => {}); // the connection is gone, and what was listened to with it
    }
  }

  /** Ask anew what there is to see. */
  async refresh() {
    await this.attempt(() => this.load());
  }

  /** Load and render; for the section to say. */
  async load() {}

  /** Begin to listen, by `keep`; for the section to say. */
  async listen() {}

  /**
   * Listen as long as the section is looked at.
   *
   * @param {Promise<() => Promise<void>>} listening
   */
  async keep(listening) {
    const stop = await listening;
    if (this.#shown) {
      this.#listening.push(stop);
    } else {
      await stop();
    }
  }

  /**
   * Do something that may fail, and say so if it does.
   *
   * @param {() => Promise<unknown>} action
   * @param {string} [done] what to say if it does not.
   * @returns {Promise<boolean>} whether it went well.
   */
  async attempt(action, done) {
    try {
      await action();
    } catch (error) {
      this.page.fail(error);
      return false;
    }
    if (done) {
      this.page.announce(done);
    }
    return true;
  }
}
