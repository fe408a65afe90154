"""An embedding server on the loopback with its faults, so that the embedder cannot tell it from a real one."""
