/** The page "Local Assist": its frame, and which section of it is looked at. */

import { Api } from "./api.js";
import { h, replace } from "./dom.js";
import { HealthSection } from "./health.js";
import { KnowledgeSection } from "./knowledge.js";
import { MemorySection } from "./memory.js";
import { ModelsSection } from "./models.js";
import { styles } from "./styles.js";
import { TurnsSection } from "./turns.js";
import { Words } from "./words.js";

const ELEMENT = "local-assist-page";

/** Milliseconds that a result stays to be read. */
const READING = 8_000;

/** In the order of the navigation; the first is shown unless the address says another. */
const SECTIONS = {
  memory: MemorySection,
  turns: TurnsSection,
  health: HealthSection,
  knowledge: KnowledgeSection,
  models: ModelsSection,
};

/** Home Assistant makes one and keeps its `hass` and `narrow` up to date. */
class LocalAssistPage extends HTMLElement {
  #hass;
  #language = "";
  #menu = /** @type {any} */ (h("ha-menu-button"));
  #nav = h("nav");
  #main = h("main");
  #status = h("p", { role: "status", class: "status" });
  #alert = h("div", { role: "alert", class: "alert", hidden: true });
  /** @type {Words} */
  words;
  /** @type {import("./section.js").Section | undefined} */
  #section;
  /** @type {number | undefined} */
  #timer;

  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [styles];
    this.api = new Api(() => this.#hass);
    this.root.append(
      h("header", {}, this.#menu, h("h1", {}, "Local Assist")),
      this.#nav,
      this.#alert,
      this.#main,
      this.#status,
    );
  }

  get hass() {
    return this.#hass;
  }

  /** @param {any} hass is here before the element is on the page, and anew with every state. */
  set hass(hass) {
    this.#hass = hass;
    this.#menu.hass = hass;
    this.toggleAttribute("dark", Boolean(hass.themes?.darkMode));
    if (hass.language !== this.#language) {
      this.#language = hass.language;
      this.#build();
    }
  }

  /** @param {boolean} narrow whether the sidebar is hidden. */
  set narrow(narrow) {
    this.#menu.narrow = narrow;
  }

  /** Follow the address and the connection. */
  connectedCallback() {
    window.addEventListener("popstate", this.#navigated);
    window.addEventListener("location-changed", this.#navigated);
    this.#hass?.connection.addEventListener("ready", this.#reconnected);
    this.#section?.show();
  }

  /** Leave nothing behind that listens. */
  disconnectedCallback() {
    window.removeEventListener("popstate", this.#navigated);
    window.removeEventListener("location-changed", this.#navigated);
    this.#hass?.connection.removeEventListener("ready", this.#reconnected);
    this.#section?.hide();
  }

  /**
   * Say a result.
   *
   * @param {string} text
   */
  announce(text) {
    this.#alert.hidden = true;
    this.#status.textContent = text;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.#status.textContent = ""), READING);
  }

  /**
   * Say what went wrong.
   *
   * @param {any} error
   */
  fail(error) {
    this.#status.textContent = "";
    this.#alert.hidden = false;
    this.#alert.replaceChildren(
      h("p", {}, this.words.error(error)),
      h("button", { onclick: () => (this.#alert.hidden = true) }, this.words.text("dismiss")),
    );
  }

  #reconnected = () => {
    this.#section?.refresh();
  };

  #navigated = () => {
    if (this.words && this.#wanted() !== this.#section?.name) {
      this.#show(this.#wanted());
    }
  };

  /** Return which section the address names. */
  #wanted() {
    const name = window.location.hash.slice(1);
    return Object.hasOwn(SECTIONS, name) ? name : Object.keys(SECTIONS)[0];
  }

  /** Build the page in a language. */
  async #build() {
    const language = this.#language;
    const words = await Words.load(this.#hass);
    if (language === this.#language) {
      this.words = words;
      this.lang = language;
      this.#nav.setAttribute("aria-label", words.text("sections"));
      this.#show(this.#wanted());
    }
  }

  /**
   * Look at a section.
   *
   * @param {string} name
   */
  #show(name) {
    this.#section?.hide();
    this.#alert.hidden = true;
    this.#status.textContent = "";
    this.#section = new SECTIONS[name](this);
    replace(this.#nav, ...Object.keys(SECTIONS).map((key) => this.#link(key, key === name)));
    this.#main.replaceChildren(this.#section.element);
    if (this.isConnected) {
      this.#section.show();
    }
  }

  /**
   * @param {string} name
   * @param {boolean} current
   * @returns {HTMLElement}
   */
  #link(name, current) {
    const follow = (/** @type {MouseEvent} */ event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) {
        return;
      }
      event.preventDefault();
      window.history.pushState(window.history.state, "", `#${name}`);
      this.#navigated();
    };
    return h(
      "a",
      {
        href: `#${name}`,
        "aria-current": current && "page",
        "data-focus": `section:${name}`,
        onclick: follow,
      },
      this.words.text(name),
    );
  }
}

// A newer version of this file may come to a browser that still has the older one's element.
if (!customElements.get(ELEMENT)) {
  customElements.define(ELEMENT, LocalAssistPage);
}
