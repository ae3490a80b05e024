"""Files of the outside world, made into tables of ours; what is refused, and why."""
