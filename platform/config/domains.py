"""The list of domains: the one place that names them all."""

ALL_DOMAINS = ("auth", "users", "billing", "files", "notifications")
