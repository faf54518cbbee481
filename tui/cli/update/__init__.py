"""``stoker update``: whether there is a newer Stoker, and what to type to get it. It changes nothing by itself."""
