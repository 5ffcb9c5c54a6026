"""Stands in for the database while this checkout's services are down, and says how to start them."""
