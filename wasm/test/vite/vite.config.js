export default { optimizeDeps: { exclude: ["@kindstore/wasm"] }, build: { modulePreload: { polyfill: false } } };
