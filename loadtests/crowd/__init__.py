"""A crowd of Locust users who speak the product's own protocol, and what is held against them."""
