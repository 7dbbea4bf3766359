/** Fetching a model onto a server, with how far it is. */

import { field, focusOn, h, replace } from "./dom.js";

/** Milliseconds between two sentences of progress to a screen reader. */
const SAY_EVERY = 10_000;

/** The form for one server, and what is being fetched there. */
export class Pulling {
  #section;
  #server;
  /** @type {(() => Promise<void>) | undefined} what ends it. */
  #stop;
  #said = 0;
  #input;
  #bar;
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
    this.#bar = h("progress", { max: 1 });
    this.element = h("div", { class: "pull" });
    this.#form();
  }

  #form() {
    const start = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#start(this.#input.value.trim());
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

  /** @param {string} model */
  async #start(model) {
    const { page } = this.#section;
    this.#bar.removeAttribute("value");
    this.#bar.setAttribute("aria-label", this.#section.text("pulling", { model }));
    this.#text.textContent = this.#section.text("pulling", { model });
    const cancel = `cancel:${this.#server}`;
    replace(
      this.element,
      this.#text,
      this.#bar,
      h(
        "button",
        { "data-focus": cancel, onclick: () => this.#cancelled(model) },
        this.#section.text("cancel"),
      ),
    );
    focusOn(this.element, cancel);
    this.#said = Date.now();
    let ended = false;
    try {
      this.#stop = await page.api.listen(
        "models/pull",
        (event) => {
          ended = this.#heard(model, event);
        },
        { entry_id: this.#server, model },
        { resubscribe: false },
      );
    } catch (error) {
      this.#end();
      page.fail(error);
      return;
    }
    if (ended) {
      this.#stop = undefined;
    }
  }

  /**
   * Show how far it is.
   *
   * @param {string} model
   * @param {{status: string, completed?: number | null, total?: number | null, error?: any}} event
   * @returns {boolean} whether this was the last of it.
   */
  #heard(model, { status, completed, total, error }) {
    const { page } = this.#section;
    if (error || status === "success") {
      this.cancel();
      this.#end();
      if (error) {
        page.fail(typeof error === "string" ? { message: error } : error);
      } else {
        page.announce(this.#section.text("pulled", { model }));
      }
      this.#section.refresh();
      return true;
    }
    const known = total !== null && total !== undefined && total > 0;
    if (known) {
      this.#bar.setAttribute("value", String((completed ?? 0) / total));
    } else {
      this.#bar.removeAttribute("value");
    }
    const { words } = page;
    const far = known && `${words.size(completed ?? 0)} / ${words.size(total)}`;
    this.#text.textContent = [model, status, far].filter(Boolean).join(" · ");
    if (Date.now() - this.#said > SAY_EVERY) {
      this.#said = Date.now();
      page.announce(this.#text.textContent);
    }
    return false;
  }

  /** @param {string} model */
  #cancelled(model) {
    this.cancel();
    this.#end();
    this.#section.page.announce(this.#section.text("pull_cancelled", { model }));
  }

  #end() {
    this.#form();
    focusOn(this.element, `pull:${this.#server}`);
  }

  /** Fetch no more. */
  cancel() {
    this.#stop?.().catch(() => {}); // the connection is gone, and the fetching with it
    this.#stop = undefined;
  }
}
