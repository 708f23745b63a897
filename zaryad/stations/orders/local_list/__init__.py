"""The local list of each station: which tokens it may let charge when we cannot be asked, kept in step with ours."""

from zaryad.stations.orders.local_list.concluded import list_concluded

__all__ = ["list_concluded"]
