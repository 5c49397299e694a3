/** A text as the texts of its documents: each keeps its remarks and the spelling of its numbers. */

/** The texts of `count` documents; none when the text cannot be cut into so many. */
export function pieces(text, count) {
  const parts = /^\s*[{[]/.test(text) ? [text] : text.split(/^---(?:\s.*)?$/m).filter((piece) => /^\s*[^#\s]/m.test(piece));
  return parts.length === count ? parts : undefined;
}
