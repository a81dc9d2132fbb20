"""The reviewers' queue: claim, look at the evidence, decide with four eyes."""
