/**
 * Models on their way to a server. They outlive the section that shows them: the page may be left
 * and come back to. They end with the connection to Home Assistant.
 */

/** @type {Map<string, Download>} by server. */
const downloads = new Map();

/** One model on its way. */
export class Download {
  status = "";
  completed = 0;
  total = 0;
  /** Called whenever it is further. */
  onprogress = () => {};
  /** @type {(error?: any) => void} called once, at its end. */
  onend = () => {};
  #server;
  #over = false;
  /** @type {(() => Promise<void>) | undefined} */
  #stop;

  /**
   * @param {string} server its entry id.
   * @param {string} model
   */
  constructor(server, model) {
    this.#server = server;
    this.model = model;
  }

  /**
   * Return what is on its way to a server.
   *
   * @param {string} server
   * @returns {Download | undefined}
   */
  static on(server) {
    return downloads.get(server);
  }

  /**
   * Begin.
   *
   * @param {import("./api.js").Api} api
   */
  async start(api) {
    downloads.set(this.#server, this);
    const data = { entry_id: this.#server, model: this.model };
    try {
      const stop = await api.listen("models/pull", (event) => this.#heard(event), data, {
        resubscribe: false,
      });
      this.#stop = stop;
    } catch (error) {
      this.#end(error);
    }
    if (this.#over) {
      this.#leave();
    }
  }

  /** Fetch no more; what has arrived is kept by the server. */
  cancel() {
    this.#over = true;
    downloads.delete(this.#server);
    this.#leave();
  }

  /** @param {{status: string, completed?: number, total?: number, error?: any}} event */
  #heard({ status, completed, total, error }) {
    if (error) {
      this.#end(error);
    } else if (status === "success") {
      this.#end();
    } else {
      this.status = status;
      this.completed = completed ?? 0;
      this.total = total ?? 0;
      this.onprogress();
    }
  }

  /** @param {any} [error] */
  #end(error) {
    if (!this.#over) {
      this.cancel();
      this.onend(error);
    }
  }

  #leave() {
    this.#stop?.().catch(() => {}); // the connection is gone, and the download with it
    this.#stop = undefined;
  }
}
