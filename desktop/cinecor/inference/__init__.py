"""From a stack to labels: model files, sessions, the segmentation pipeline."""
