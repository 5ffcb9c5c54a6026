"""Pages of the rules beside the admin: the policy builder."""
