"""The commands of `composite`, a module each; `options` has what they share."""
