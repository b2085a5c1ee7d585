"""Many studies as one: what is kept of each, the manifest, and the tables and the page that are made of it."""
