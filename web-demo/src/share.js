/** Manifests in links: the text is in the address itself, and no server sees it. */

const NAME = "#manifest=";

async function through(stream, bytes) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** A link to this page with a text. */
export async function linkTo(text) {
  const packed = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  const link = new URL(location.href);
  link.hash = NAME + letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return link.href;
}

/** The text of an address; undefined when there is none. */
export async function textOf(hash) {
  if (!hash.startsWith(NAME)) return undefined;
  const letters = atob(hash.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = await through(new DecompressionStream("deflate-raw"), Uint8Array.from(letters, (letter) => letter.charCodeAt(0)));
  return new TextDecoder().decode(bytes);
}
