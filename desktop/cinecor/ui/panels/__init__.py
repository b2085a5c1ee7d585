"""Numbers, forms and lists beside the views."""
