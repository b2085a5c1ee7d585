"""One open study on the widgets' thread."""
