"""The customers' page over HTTP: `sessions` opens it, `pages` serve it, `rendering` writes it."""
