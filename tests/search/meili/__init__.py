"""A small stand-in for Meilisearch over HTTP: stateful, with tasks that end later and a plan of what goes wrong."""
