"""From a need to the listings that fit it, and back: profile, candidates, score, reasons, service."""
