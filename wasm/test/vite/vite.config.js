export default { optimizeDeps: { exclude: ["kindstore"] }, build: { modulePreload: { polyfill: false } } };
