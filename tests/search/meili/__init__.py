"""A small stand-in for Meilisearch over HTTP: stateful, with tasks that end later, and with a plan of what goes wrong."""
