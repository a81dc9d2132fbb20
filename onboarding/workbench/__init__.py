"""The reviewers' page in the browser: the queue and a case side by side, worked by keyboard."""
