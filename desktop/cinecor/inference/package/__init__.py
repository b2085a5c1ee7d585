"""The model as a file: contract, manifest, signature, store."""
