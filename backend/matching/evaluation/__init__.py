"""How well matching finds what people judged to fit, beside what each single engine finds on the same texts."""
