// Both descriptions, to choose from in the upper right corner.
window.ui = SwaggerUIBundle({
  urls: [
    { url: "/api/swagger.json", name: "Application Manager" },
    { url: "/swagger.json", name: "Ververica Platform" },
  ],
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
});
