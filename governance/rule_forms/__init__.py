"""One plain form for each kind of document: what a person fills, and the JSON that it makes. No ORM, no script."""
