"""Pure rules of intellectual property: words, classes, territories, numbers and terms. No I/O beyond our own data."""
