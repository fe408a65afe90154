"""What turns text in any language into something comparable: language, words, vector."""
