"""The kinds of orders, by what they are about. `zaryad.link.orders` is where to import them from."""
