/** Keeps the content of the store in this browser (IndexedDB). */

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("kindstore", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("content");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, use) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("content", mode);
      const request = use(transaction.objectStore("content"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** The content that was kept last; undefined when there is none. */
export function load() {
  return within("readonly", (content) => content.get("store"));
}

/** What tells the content that was kept last from all others; undefined when there is none. */
export function tokenOf() {
  return within("readonly", (content) => content.get("token"));
}

/** Keeps content, and its token, in the place of what was kept. It is on disk when this ends. */
export function save(bytes, token) {
  return within("readwrite", (content) => {
    content.put(token, "token");
    return content.put(bytes, "store");
  });
}
