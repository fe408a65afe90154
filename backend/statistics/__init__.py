"""Public figures: what Padan does, counted from its records by a job, and never about fewer than five."""
