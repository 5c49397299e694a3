// Says how large a module is, and which crate takes how much of it: node size.mjs NAMED SHIPPED
//
// NAMED is the module with the names of its functions, which SHIPPED has no more.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [named, shipped] = process.argv.slice(2).map((path) => readFileSync(path));

class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    Object.assign(this, { bytes, at, end });
  }

  number() {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
}

/** The sections of a module: number, name of a custom one, and what is in it. */
function* sections(bytes) {
  const reader = new Reader(bytes, 8);
  while (reader.at < reader.end) {
    const id = reader.number();
    const end = reader.number() + reader.at;
    const inside = new Reader(bytes, reader.at, end);
    yield { id, size: end - reader.at, name: id === 0 ? inside.text() : "", inside };
    reader.at = end;
  }
}

/** How many functions are imported: they are counted before those of the code. */
function importedFunctions(inside) {
  let count = 0;
  for (let left = inside.number(); left > 0; left -= 1) {
    inside.text();
    inside.text();
    const kind = inside.number();
    if (kind === 0) [count] = [count + 1, inside.number()];
    else if (kind === 3) [inside.number(), inside.number()];
    else {
      if (kind === 1) inside.number();
      const flags = inside.number();
      inside.number();
      if (flags & 1) inside.number();
    }
  }
  return count;
}

function functionNames(inside) {
  const names = new Map();
  while (inside.at < inside.end) {
    const id = inside.number();
    const end = inside.number() + inside.at;
    if (id === 1) {
      for (let left = inside.number(); left > 0; left -= 1) {
        const index = inside.number();
        names.set(index, inside.text());
      }
    }
    inside.at = end;
  }
  return names;
}

/** The crate that a function comes from: of a trait's implementation the crate of the type. */
function crateOf(name = "") {
  const path = name.replace(/^[<&*(\[]+(?:mut |const |dyn )*/, "").replace(/^_/, "");
  const found = /^([a-zA-Z_][a-zA-Z0-9_]*)(?:\[[0-9a-f]+\])?::/.exec(path);
  if (found !== null) return ["alloc", "core", "std", "dlmalloc", "compiler_builtins"].includes(found[1]) ? "std" : found[1];
  return /^[A-Z]/.test(path) ? "std" : "JavaScript's side";
}

const sizes = new Map();
let [imported, names, bodies, data] = [0, new Map(), [], 0];
for (const { id, size, name, inside } of sections(named)) {
  if (id === 2) imported = importedFunctions(inside);
  if (id === 11) data = size;
  if (id === 0 && name === "name") names = functionNames(inside);
  if (id === 10) {
    for (let left = inside.number(); left > 0; left -= 1) {
      const length = inside.number();
      bodies.push(length);
      inside.at += length;
    }
  }
}
bodies.forEach((length, index) => {
  const crate = crateOf(names.get(imported + index));
  sizes.set(crate, (sizes.get(crate) ?? 0) + length);
});
sizes.set("data (definitions of kinds, texts)", data);

const brotli = brotliCompressSync(shipped, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
console.log(`module: ${kilobytes(shipped.length)}, gzip ${kilobytes(gzipSync(shipped).length)}, brotli ${kilobytes(brotli)}\n`);
console.log("| crate | code |\n| --- | ---: |");
for (const [crate, size] of [...sizes].sort(([, one], [, two]) => two - one)) {
  if (size >= 1000) console.log(`| ${crate} | ${kilobytes(size)} |`);
}
