"use strict";

SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  // Of more than 144 open operations Swagger UI shows the first few alone.
  docExpansion: "none",
  displayOperationId: true,
  persistAuthorization: false,
});
