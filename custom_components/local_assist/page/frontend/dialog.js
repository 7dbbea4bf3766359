/** Asks before something is lost. */

import { freshId, h } from "./dom.js";

/**
 * Ask for a yes.
 *
 * @param {ParentNode} root where the dialog is put while it is open.
 * @param {{title: string, text: string, yes: string, no: string}} words
 * @returns {Promise<boolean>} the focus is back where it was by then.
 */
export function confirmed(root, { title, text, yes, no }) {
  const heading = freshId();
  const body = freshId();
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      "dialog",
      { "aria-labelledby": heading, "aria-describedby": body },
      h("h2", { id: heading }, title),
      h("p", { id: body }, text),
      h(
        "form",
        { method: "dialog", class: "buttons" },
        h("button", { value: "no", autofocus: true }, no),
        h("button", { value: "yes", class: "danger" }, yes),
      ),
    )
  );
  root.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
