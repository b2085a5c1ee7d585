"""What a model's errors are like on patients it never saw, and whether its doubt finds them."""
