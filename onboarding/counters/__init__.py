"""The branch's counter: check-in, the queue, the teller's screen, what the teller confirms."""
