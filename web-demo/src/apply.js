/** Applying several documents, in the store of this browser and to a server. */

/**
 * Creates or replaces documents in their order. `write(document, index)` answers what became of one, or throws. The answers
 * have a title each, with a word or an error.
 */
export async function applyAll(documents, write) {
  const answers = [];
  for (const [index, document] of documents.entries()) {
    const { kind, metadata } = document ?? {};
    const title = `${kind ?? "document"} ${metadata?.name ?? ""}`.trim();
    try {
      answers.push({ title, word: await write(document, index) });
    } catch (error) {
      answers.push({ title, error: error.message });
    }
  }
  return answers;
}

/** What came of it, in a sentence. */
export function toldOf(answers) {
  const told = answers.map(({ title, word, error }) => (error === undefined ? `${title} ${word}` : `${title}: ${error}`));
  return told.join("; ") || "there is no document to apply";
}
