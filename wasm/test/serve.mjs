// A server of files for tests, with a strict policy for what pages may do.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
  ".yaml": "text/plain; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json",
};

/**
 * Serves folders and pages: `roots` maps the beginning of a path to a folder, or to the text of a page. Answers the address
 * and how to stop.
 */
export async function serve(roots, policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'") {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://host").pathname));
    const root = Object.keys(roots).filter((root) => path.startsWith(root)).sort((one, two) => two.length - one.length)[0];
    response.setHeader("Content-Security-Policy", policy);
    if (root !== undefined && root === path && roots[root].startsWith("<")) {
      response.setHeader("Content-Type", TYPES[".html"]);
      return response.end(roots[root]);
    }
    const file = root === undefined ? "" : join(roots[root], path.slice(root.length) || "index.html");
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.statusCode = 404;
      return response.end();
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}
