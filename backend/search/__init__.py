"""Finding listings and needs: one interface, two engines, both projections that can be rebuilt from the records."""
