"""What the mouse does on images: tools that move through a study, and the door for those that correct it."""
