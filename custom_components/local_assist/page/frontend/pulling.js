/** The form that fetches a model onto a server, and how far that is. */

import { field, focusOn, h, replace } from "./dom.js";
import { Download } from "./download.js";

/** Milliseconds between two sentences of progress to a screen reader. */
const SAY_EVERY = 10_000;

/** One of them for each server. */
export class Pulling {
  #section;
  #server;
  #said = 0;
  #input;
  #bar = h("progress", { max: 1 });
  #text = h("p", { class: "help" });

  /**
   * @param {import("./section.js").Section} section
   * @param {string} server its entry id.
   */
  constructor(section, server) {
    this.#section = section;
    this.#server = server;
    this.#input = /** @type {HTMLInputElement} */ (
      h("input", {
        type: "text",
        required: true,
        autocomplete: "off",
        spellcheck: "false",
        placeholder: "qwen3:4b",
        "data-focus": `pull:${server}`,
      })
    );
    this.element = h("div", { class: "pull" });
    const running = Download.on(server);
    if (running) {
      this.#follow(running);
    } else {
      this.#form();
    }
  }

  #form() {
    const start = (/** @type {Event} */ event) => {
      event.preventDefault();
      const download = new Download(this.#server, this.#input.value.trim());
      this.#input.value = "";
      this.#follow(download);
      focusOn(this.element, `cancel:${this.#server}`);
      download.start(this.#section.page.api);
    };
    replace(
      this.element,
      h(
        "form",
        { class: "filters", onsubmit: start },
        field(this.#section.text("pull_name"), this.#input, this.#section.text("pull_help")),
        h("button", { type: "submit", class: "primary" }, this.#section.text("pull")),
      ),
    );
  }

  /** @param {Download} download */
  #follow(download) {
    const { model } = download;
    const { page } = this.#section;
    this.#bar.setAttribute("aria-label", this.#section.text("pulling", { model }));
    const cancelled = () => {
      download.cancel();
      this.#formAgain();
      page.announce(this.#section.text("pull_cancelled", { model }));
    };
    const cancel = { "data-focus": `cancel:${this.#server}`, onclick: cancelled };
    const button = h("button", cancel, this.#section.text("cancel"));
    replace(this.element, this.#text, this.#bar, button);
    this.#said = Date.now();
    download.onprogress = () => this.#show(download);
    download.onend = (error) => {
      this.#formAgain();
      if (error) {
        page.fail(error);
      } else {
        page.announce(this.#section.text("pulled", { model }));
      }
      this.#section.refresh();
    };
    this.#show(download);
  }

  /** @param {Download} download */
  #show({ model, status, completed, total }) {
    const { page } = this.#section;
    const { words } = page;
    if (total > 0) {
      this.#bar.setAttribute("value", String(completed / total));
    } else {
      this.#bar.removeAttribute("value");
    }
    const far = total > 0 && `${words.size(completed)} / ${words.size(total)}`;
    const parts = [this.#section.text("pulling", { model }), status, far];
    this.#text.textContent = parts.filter(Boolean).join(" · ");
    if (this.element.isConnected && Date.now() - this.#said > SAY_EVERY) {
      this.#said = Date.now();
      page.announce(this.#text.textContent);
    }
  }

  /** Show the form; whoever was at the button is at its field. */
  #formAgain() {
    const here = this.element.contains(this.#section.page.root.activeElement);
    this.#form();
    if (here) {
      focusOn(this.element, `pull:${this.#server}`);
    }
  }
}
