/** Manifests in links: the text is in the address itself, and no server sees it. */

const NAME = "#manifest=";

/** The largest text that a link brings, in bytes: a short link may hold a text that fills all memory. */
const LARGEST = 16 << 20;

function through(stream, bytes) {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

/** A link to this page with a text. */
export async function linkTo(text) {
  const packed = through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const link = new URL(location.href);
  link.hash = NAME + letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return link.href;
}

/** The text of an address; undefined when there is none. */
export async function textOf(hash) {
  if (!hash.startsWith(NAME)) return undefined;
  try {
    const letters = atob(hash.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(await bounded(through(new DecompressionStream("deflate-raw"), bytes)));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new Error("the link is broken: its text cannot be read");
  }
}

async function bounded(stream) {
  const [reader, parts] = [stream.getReader(), []];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    parts.push(value);
    if (size <= LARGEST) continue;
    await reader.cancel();
    throw new RangeError(`the link is not opened: its text has more than ${LARGEST >> 20} MiB`);
  }
}
