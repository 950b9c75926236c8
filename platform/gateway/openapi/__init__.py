"""The OpenAPI document, made from what the views say about themselves (`kernel.rest.operation`)."""
