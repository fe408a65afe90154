"""Records from elsewhere, taken in by the thousand: checked row by row, stored batch by batch, never twice."""
