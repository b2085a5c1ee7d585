"""What runs the model: providers, and the choice between them."""
