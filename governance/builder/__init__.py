"""The policy builder: a policy document as forms and sentences, what speaks against publishing it, how two differ."""
