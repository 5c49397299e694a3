/** A running watch. */

import { parseJson } from "./json.js";
import { call } from "./module.js";

/** Calls back with each change until it is closed. */
export class Watch {
  #watch;
  #onEvent;
  #onClose;
  #cursor;

  constructor(watch, onEvent, onClose) {
    this.#watch = watch;
    this.#onEvent = onEvent;
    this.#onClose = onClose;
    this.#cursor = watch.cursor();
  }

  /** The position up to which all changes have been reported. */
  get cursor() {
    return this.#cursor;
  }

  get closed() {
    return this.#watch === undefined;
  }

  /** Ends the watch. */
  close() {
    this.#watch?.free();
    this.#watch = undefined;
    this.#onClose();
  }

  /** Reports new events. An error of the listener does not end the watch; it is rethrown as an uncaught error. */
  notify() {
    while (this.#watch !== undefined) {
      const event = this.#next();
      if (event === undefined) return;
      this.#cursor = this.#watch.cursor();
      try {
        this.#onEvent(event);
      } catch (error) {
        reportLater(error);
      }
    }
  }

  #next() {
    try {
      const text = call(() => this.#watch.event());
      return text === undefined ? undefined : parseJson(text);
    } catch (error) {
      this.close();
      this.#onEvent({ type: "ERROR", cursor: this.#cursor, error });
      return undefined;
    }
  }
}

function reportLater(error) {
  setTimeout(() => {
    throw error;
  });
}
